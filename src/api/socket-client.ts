/** A connection to the daemon's unix socket. */
import { connect, type Socket } from 'node:net'
import { Fault } from '../core/fault.ts'
import { type RpcClient, rpcClient } from './client.ts'

export interface OpenClient extends Pick<RpcClient, 'call'> {
  close(): void
}

/** Connects, or resolves with undefined when nobody listens there. */
export async function openSocketClient(path: string): Promise<OpenClient | undefined> {
  const socket = await connected(path)
  if (!socket) return undefined
  const client = rpcClient((line) => void socket.write(`${line}\n`))
  let rest: Buffer[] = []
  socket.on('data', (chunk: Buffer) => {
    let start = 0
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
      rest.push(chunk.subarray(start, end))
      const line = Buffer.concat(rest).toString('utf8')
      rest = []
      start = end + 1
      if (line !== '') client.take(line)
    }
    if (start < chunk.length) rest.push(chunk.subarray(start))
  })
  const gone = () =>
    client.fail(
      new Fault('unreachable', 'the daemon closed the connection before it answered', {
        hint: 'nova daemon status; work that had begun goes on',
      }),
    )
  socket.on('error', gone)
  socket.once('close', gone)
  return { call: client.call, close: () => void socket.destroy() }
}

function connected(path: string): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const socket = connect(path)
    socket.once('connect', () => resolve(socket))
    socket.once('error', () => resolve(undefined))
  })
}
