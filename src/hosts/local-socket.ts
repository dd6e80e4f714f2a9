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
    const address = await socketAddress(path)
    try {
      return await connect(address.path)
    } finally {
      await address.release()
    }
  } catch (error) {
    throw new Fault('unreachable', `host ${host}: nobody answers on ${path} (${errorCode(error) || String(error)})`, {
      cause: error,
    })
  }
}

/** A name of `path` that is short enough for the kernel, until it is released. */
export async function socketAddress(path: string): Promise<{ readonly path: string; release(): Promise<void> }> {
  if (Buffer.byteLength(path) <= longestPath) return { path, release: async () => {} }
  const cut = path.lastIndexOf('/')
  const fs = await files()
  const directory = await fs.open(path.slice(0, cut) || '/', fs.constants.O_RDONLY | fs.constants.O_DIRECTORY)
  return { path: `/proc/self/fd/${directory.fd}/${path.slice(cut + 1)}`, release: () => directory.close() }
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
