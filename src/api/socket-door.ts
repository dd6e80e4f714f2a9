/**
 * The unix socket: newline-delimited JSON-RPC. Node cannot ask the kernel who connects, so the guard is the file system:
 * the socket is 0600 in a directory that is 0700.
 */
import { chmodSync, rmSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import type { Dispatcher } from './dispatcher.ts'
import { faultCodes, messageCodes } from './fault-codes.ts'
import { Frames } from './frames.ts'
import { limits } from './limits.ts'
import type { ApiLog } from './log.ts'
import { BadMessage, badText } from './message.ts'
import { ownerAs, type Peer } from './peer.ts'
import { turns } from './turns.ts'

export interface SocketDoorOptions {
  readonly path: string
  readonly dispatcher: Dispatcher
  readonly log: ApiLog
  /** The name of the user that this process runs as. */
  readonly owner: string
  readonly maxConnections: number
  /** Seconds without a call after which a connection is closed. */
  readonly idleSeconds: number
  /** Milliseconds that a reader may take nothing, or leave a frame unfinished; 30 s by default. */
  readonly stallMs?: number
}

export interface Door {
  /** Takes no new connections; those that are there stay until `close`. */
  stopListening(): void
  close(): Promise<void>
  readonly connections: number
}

/** Opens the door; the caller holds the daemon's lock, so that a file that is there is left over. */
export async function openSocketDoor(options: SocketDoorOptions): Promise<Door> {
  const sockets = new Set<Socket>()
  rmSync(options.path, { force: true })
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    if (sockets.size >= options.maxConnections) {
      socket.on('error', () => undefined)
      socket.end(`${badText(new BadMessage(faultCodes.unreachable.rpc, `nova has ${sockets.size} connections, the limit`))}\n`)
      return
    }
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    serve(socket, options)
  })
  await listen(server, options.path)
  chmodSync(options.path, 0o600)
  return {
    stopListening: () => void server.close(),
    async close() {
      server.close()
      for (const socket of sockets) socket.destroySoon()
      rmSync(options.path, { force: true })
    },
    get connections() {
      return sockets.size
    },
  }
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(path, () => {
      server.off('error', reject)
      resolve()
    })
  })
}

function serve(socket: Socket, { dispatcher, log, owner, idleSeconds, stallMs = limits.stallMs }: SocketDoorOptions): void {
  const frames = new Frames(limits.frameBytes)
  const isBehind = () => socket.writableLength > limits.pauseBytes
  const own = turns(limits.ownCallsPerConnection, () => socket.destroyed || !isBehind())
  const peer: Peer = { door: 'socket', callerOf: ownerAs(owner), calls: new Map(), notify: send, turn: own.take }
  /** Frames that came together with others, and wait for the reader of their answers. */
  const held: string[] = []
  let pending = 0
  let hasEnded = false
  let stalled: NodeJS.Timeout | undefined
  let unfinished: NodeJS.Timeout | undefined
  let idle = setTimeout(leave, idleSeconds * 1000)

  /** Writes a message; a reader that is too far behind loses its connection. */
  function send(text: string): void {
    if (socket.destroyed) return
    if (socket.writableLength > limits.outgoingBytes) {
      cut(`${socket.writableLength} bytes wait for a reader that is too slow`)
      return
    }
    socket.write(`${text}\n`)
    if (isBehind()) socket.pause()
    if (socket.writableNeedDrain) stalled ??= setTimeout(() => cut('the reader took nothing for too long'), stallMs)
  }

  function cut(reason: string): void {
    log.warn({ reason, pending }, 'connection cut')
    socket.destroy()
  }

  function leave(): void {
    if (pending + held.length > 0) idle = setTimeout(leave, idleSeconds * 1000)
    else socket.end()
  }

  function take(frame: string): void {
    const open = pending + held.length
    if (open < limits.callsPerConnection) {
      held.push(frame)
      begin()
      return
    }
    const message = `${open} calls of this connection are not answered, the limit is ${limits.callsPerConnection}`
    send(badText(new BadMessage(faultCodes.unreachable.rpc, message)))
  }

  function begin(): void {
    while (!isBehind()) {
      const frame = held.shift()
      if (frame === undefined) return
      void work(frame)
    }
  }

  async function work(frame: string): Promise<void> {
    pending += 1
    const text = await dispatcher.answer(frame, peer)
    pending -= 1
    if (text !== undefined) send(text)
    endWhenDone()
  }

  function endWhenDone(): void {
    if (hasEnded && pending + held.length === 0) socket.end()
  }

  socket.on('data', (chunk: Buffer) => {
    idle.refresh()
    try {
      for (const frame of frames.take(chunk)) take(frame)
      clearTimeout(unfinished)
      if (frames.isOpen) unfinished = setTimeout(() => cut('a frame was begun and not ended'), stallMs)
    } catch {
      const message = `the frame is longer than ${limits.frameBytes} bytes`
      socket.end(`${badText(new BadMessage(messageCodes.request, message))}\n`)
    }
  })
  socket.on('drain', () => {
    clearTimeout(stalled)
    stalled = undefined
    socket.resume()
    begin()
    own.go()
  })
  // A client that sends no more still gets its answers.
  socket.once('end', () => {
    hasEnded = true
    endWhenDone()
  })
  socket.on('error', () => undefined)
  socket.once('close', () => {
    clearTimeout(idle)
    clearTimeout(unfinished)
    clearTimeout(stalled)
    // Nobody waits any more: reads end, work that has begun goes on.
    held.length = 0
    own.end()
    for (const controller of peer.calls.values()) controller.abort(new Error('the client has gone'))
  })
}
