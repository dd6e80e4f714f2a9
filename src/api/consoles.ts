/** Serial consoles through a door: the guest's socket is held here, its output fetched by calls that wait for it. */
import type { Duplex } from 'node:stream'
import { Fault } from '../core/fault.ts'
import { object, parse, reference, text, z } from '../core/schema.ts'
import type { Method, MethodCall } from './dispatcher.ts'
import type { StreamMethods, StreamOptions } from './downloads.ts'
import { limits } from './limits.ts'
import type { Who } from './peer.ts'
import { type Endable, streams } from './streams.ts'

export interface ConsoleOptions extends StreamOptions {
  connectSocket(host: string, path: string): Promise<Duplex>
}

interface Console extends Endable {
  /** What the guest wrote meanwhile, or writes within some seconds; undefined when the console has closed. */
  read(): Promise<Uint8Array | undefined>
  write(bytes: Uint8Array): Promise<void>
}

const wanted = object({ server: reference() })
const named = object({ console: text(64) })
const typed = object({ console: text(64), data: text(limits.consolePartBytes * 2) })
const found = z.object({ host: z.string(), socket: z.string() })

export function consoles(options: ConsoleOptions): StreamMethods {
  const { clock } = options
  const open = streams<Console>('console', limits.consoleIdleMs, options)

  async function begin(params: unknown, caller: Who, { door, requestId }: MethodCall): Promise<unknown> {
    const { server } = parse(wanted, params)
    open.need(caller)
    const action = await options.load('server.console-attach')
    const signal = new AbortController().signal
    const context = { caller, door, requestId, signal, progress: () => undefined }
    const { host, socket } = found.parse(await options.perform(action, { server }, context))
    return { console: open.open(caller, consoleOver(await options.connectSocket(host, socket), clock.deadline)) }
  }

  async function read(params: unknown, caller: Who): Promise<unknown> {
    const { console: id } = parse(named, params)
    const bytes = await open.find(id, caller).read()
    if (!bytes) open.drop(id)
    return { data: Buffer.from(bytes ?? []).toString('base64'), isOver: bytes === undefined }
  }

  async function write(params: unknown, caller: Who): Promise<unknown> {
    const { console: id, data } = parse(typed, params)
    await open.find(id, caller).write(Buffer.from(data, 'base64'))
    return {}
  }

  async function close(params: unknown, caller: Who): Promise<unknown> {
    const { console: id } = parse(named, params)
    open.find(id, caller)
    open.drop(id)
    return {}
  }

  const methods = new Map<string, Method>([
    ['console.open', { run: begin }],
    ['console.read', { isPart: true, run: read }],
    ['console.write', { isPart: true, run: write }],
    ['console.close', { run: close }],
  ])
  return { methods, close: open.close }
}

/** One guest's socket; it is not read any further than one part ahead. */
function consoleOver(socket: Duplex, deadline: (ms: number, over?: AbortSignal) => AbortSignal): Console {
  let isOver = false
  let wake: () => void = () => undefined
  const changed = () => wake()
  socket.on('readable', changed)
  socket.on('error', changed)
  socket.once('close', () => {
    isOver = true
    changed()
  })
  socket.once('end', () => {
    isOver = true
    changed()
  })

  /** Resolves with the next change of the socket, or after a while. */
  function change(): Promise<void> {
    return new Promise((resolve) => {
      const over = new AbortController()
      wake = () => {
        over.abort()
        resolve()
      }
      deadline(limits.consoleWaitMs, over.signal).addEventListener('abort', () => resolve(), { once: true })
    })
  }

  const taken = (): Buffer | undefined => {
    const size = Math.min(socket.readableLength, limits.consolePartBytes)
    return (size > 0 ? socket.read(size) : socket.read()) ?? undefined
  }

  return {
    async read() {
      const ready = taken()
      if (ready || isOver) return ready
      await change()
      return taken() ?? (isOver ? undefined : new Uint8Array())
    },
    write: (bytes) =>
      new Promise((resolve, reject) => {
        if (isOver) reject(new Fault('not-found', 'the console has closed'))
        else socket.write(bytes, (error) => (error ? reject(new Fault('not-found', 'the console has closed')) : resolve()))
      }),
    end: () => {
      socket.destroy()
      changed()
    },
  }
}
