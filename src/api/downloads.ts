/** Images that a client fetches in parts: `image.save` writes them, as fast as they are fetched, and checks them to the end. */
import type { AnyAction } from '../core/action.ts'
import { Fault } from '../core/fault.ts'
import type { Clock, Random } from '../core/ports.ts'
import { count, object, parse, reference, text } from '../core/schema.ts'
import type { CallerOptions } from '../main/core.ts'
import type { Method, MethodCall } from './dispatcher.ts'
import { handover } from './handover.ts'
import { limits } from './limits.ts'
import type { Who } from './peer.ts'
import { type Endable, streams } from './streams.ts'

export interface StreamOptions {
  perform(action: AnyAction, input: unknown, options: CallerOptions): Promise<unknown>
  readonly load: (action: string) => Promise<AnyAction>
  readonly clock: Clock
  readonly random: Random
}

export interface StreamMethods {
  readonly methods: ReadonlyMap<string, Method>
  /** Ends what is open. */
  close(reason: Fault): void
}

interface Download extends Endable {
  /** The part that begins at `offset`; empty behind the last byte, once the whole was found to be right. */
  read(offset: number): Promise<Uint8Array>
}

const named = object({ download: text(64) })
const part = object({ download: text(64), offset: count(0, Number.MAX_SAFE_INTEGER) })
const wanted = object({ image: reference() })

export function downloads(options: StreamOptions): StreamMethods {
  const open = streams<Download>('download', limits.downloadIdleMs, options)

  async function begin(params: unknown, caller: Who, { door, requestId }: MethodCall): Promise<unknown> {
    const { image } = parse(wanted, params)
    open.need(caller)
    const parts = handover()
    const stop = new AbortController()
    const action = await options.load('image.save')
    const output = async (chunk: Uint8Array) => {
      for (let at = 0; at < chunk.length; at += limits.downloadPartBytes)
        await parts.give(chunk.subarray(at, at + limits.downloadPartBytes))
    }
    const context = { caller, door, requestId, signal: stop.signal, progress: () => undefined, output }
    const work = options.perform(action, { image, file: '-' }, context).finally(parts.finish)
    // Who fetches the last part is told of its failure.
    work.catch(() => undefined)
    const first = await Promise.race([parts.take(), work.then(() => undefined)])
    if (!first) await work
    const end = (reason: Fault) => {
      stop.abort(reason)
      parts.fail(reason)
    }
    const id = open.open(caller, { read: reader(first, parts.take, work), end })
    return { download: id }
  }

  async function read(params: unknown, caller: Who): Promise<unknown> {
    const { download, offset } = parse(part, params)
    const found = open.find(download, caller)
    try {
      const bytes = await found.read(offset)
      if (bytes.length === 0) open.drop(download)
      return { data: Buffer.from(bytes).toString('base64'), isLast: bytes.length === 0 }
    } catch (error) {
      open.drop(download)
      throw error
    }
  }

  async function drop(params: unknown, caller: Who): Promise<unknown> {
    const { download } = parse(named, params)
    open.find(download, caller)
    open.drop(download)
    return {}
  }

  const methods = new Map<string, Method>([
    ['download.begin', { run: begin }],
    ['download.read', { isPart: true, run: read }],
    ['download.drop', { run: drop }],
  ])
  return { methods, close: open.close }
}

/** Reads in order, one part at a time. */
function reader(first: Uint8Array | undefined, take: () => Promise<Uint8Array | undefined>, work: Promise<unknown>) {
  let next = first
  let at = 0
  let isReading = false
  return async (offset: number): Promise<Uint8Array> => {
    if (isReading || offset !== at) throw new Fault('conflict', `the next part begins at ${at}, asked was ${offset}`)
    isReading = true
    const bytes = next ?? (await take())
    next = undefined
    isReading = false
    if (!bytes) await work
    at += bytes?.length ?? 0
    return bytes ?? new Uint8Array()
  }
}
