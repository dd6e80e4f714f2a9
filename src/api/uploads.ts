/** Bytes that a client sends in parts before it names them in a call: private files that are gone after their use, or an hour. */
import { closeSync, createReadStream, lstatSync, mkdirSync, openSync, readdirSync, rmSync, writeSync } from 'node:fs'
import { Fault } from '../core/fault.ts'
import type { Clock, Random } from '../core/ports.ts'
import { count, object, parse, text } from '../core/schema.ts'
import type { Method } from './dispatcher.ts'
import { limits } from './limits.ts'
import type { Who } from './peer.ts'
import type { SourceDesk } from './sources.ts'

interface Upload {
  readonly file: string
  readonly fd: number
  readonly owner: Who
  readonly begunAt: number
  bytes: number
}

const keptMs = 3_600_000
const part = object({ upload: text(64), offset: count(0, Number.MAX_SAFE_INTEGER), data: text(limits.frameBytes) })
const named = object({ upload: text(64) })

export interface Uploads extends SourceDesk {
  readonly methods: ReadonlyMap<string, Method>
}

export function uploads(options: {
  readonly directory: string
  readonly clock: Clock
  readonly random: Random
  /** Bytes that one upload may have. */
  readonly maxBytes: () => number
}): Uploads {
  const { directory, clock, random } = options
  const open = new Map<string, Upload>()
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  // It is emptied: a link would have it empty what somebody else keeps.
  if (!lstatSync(directory).isDirectory()) throw new Fault('forbidden', `${directory} is not a directory but a link`)
  // What a daemon that was killed had taken in is of no use to anybody.
  for (const left of readdirSync(directory)) rmSync(`${directory}/${left}`, { force: true })

  function drop(id: string): void {
    const upload = open.get(id)
    if (!upload) return
    open.delete(id)
    closeSync(upload.fd)
    rmSync(upload.file, { force: true })
  }

  function find(id: string, owner: Who): Upload {
    const upload = open.get(id)
    if (upload && upload.owner.userId === owner.userId && upload.owner.projectId === owner.projectId) return upload
    throw new Fault('not-found', `there is no upload ${id}`, { hint: 'an upload is used once, within an hour' })
  }

  async function begin(_params: unknown, owner: Who): Promise<unknown> {
    for (const [id, { begunAt }] of open) if (clock.monotonic() - begunAt > keptMs) drop(id)
    if (open.size >= limits.uploads)
      throw new Fault('unreachable', `${open.size} uploads are under way, the limit is ${limits.uploads}`, {
        details: { retryAfterSeconds: 60 },
      })
    const id = random.uuid()
    const file = `${directory}/${id}`
    const fd = openSync(file, 'wx', 0o600)
    open.set(id, { file, fd, owner, begunAt: clock.monotonic(), bytes: 0 })
    return { upload: id, partBytes: limits.uploadPartBytes }
  }

  async function append(params: unknown, caller: Who): Promise<unknown> {
    const { upload: id, offset, data } = parse(part, params)
    const upload = find(id, caller)
    if (offset !== upload.bytes)
      throw new Fault('conflict', `upload ${id} has ${upload.bytes} bytes, the part begins at ${offset}`)
    const bytes = Buffer.from(data, 'base64')
    if (upload.bytes + bytes.length > options.maxBytes())
      throw new Fault('invalid', `the upload has more than ${options.maxBytes()} bytes`)
    for (let done = 0; done < bytes.length; ) done += writeSync(upload.fd, bytes, done)
    upload.bytes += bytes.length
    return { bytes: upload.bytes }
  }

  const methods = new Map<string, Method>([
    ['upload.begin', { run: begin }],
    ['upload.append', { isPart: true, run: append }],
    [
      'upload.drop',
      {
        run: async (params, caller) => {
          const { upload } = parse(named, params)
          find(upload, caller)
          drop(upload)
          return {}
        },
      },
    ],
  ])
  return {
    methods,
    open(id, owner) {
      const upload = find(id, owner)
      return { stream: () => createReadStream(upload.file, { highWaterMark: 1024 ** 2 }), end: () => drop(id) }
    },
  }
}
