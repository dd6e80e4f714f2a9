/** Connections to unix sockets of this machine, also when their path is longer than the kernel's address. */
import type { Socket } from 'node:net'
import { Fault } from '../core/fault.ts'
import { errorCode } from './file-fault.ts'
import { files } from './local-files.ts'

/** The kernel takes 107 bytes; the rest is room for its own growth. */
const longestPath = 100

/** Connects to `path`. Fault `unreachable` when nobody listens there. */
export async function connectSocket(host: string, path: string): Promise<Socket> {
  try {
    return Buffer.byteLength(path) <= longestPath ? await connect(path) : await connectByDescriptor(path)
  } catch (error) {
    throw new Fault('unreachable', `host ${host}: nobody answers on ${path} (${errorCode(error) || String(error)})`, {
      cause: error,
    })
  }
}

async function connectByDescriptor(path: string): Promise<Socket> {
  const cut = path.lastIndexOf('/')
  const fs = await files()
  const directory = await fs.open(path.slice(0, cut) || '/', fs.constants.O_RDONLY | fs.constants.O_DIRECTORY)
  try {
    return await connect(`/proc/self/fd/${directory.fd}/${path.slice(cut + 1)}`)
  } finally {
    await directory.close()
  }
}

async function connect(path: string): Promise<Socket> {
  const { connect: open } = await import('node:net')
  return new Promise((resolve, reject) => {
    const socket = open({ path })
    socket.once('error', reject)
    socket.once('connect', () => {
      socket.off('error', reject)
      resolve(socket)
    })
  })
}
