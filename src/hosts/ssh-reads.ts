/** Reads of a host's files. What is asked for in one turn of the event loop goes to the host in one command. */
import { asFault, Fault } from '../core/fault.ts'
import type { SshRun } from './ssh-run.ts'
import { readScript } from './ssh-scripts.ts'

export interface Read {
  readonly what: 'stat' | 'list' | 'read' | 'tail'
  readonly path: string
  /** Bytes that are read at most. */
  readonly bytes: number
}

export interface ReadAnswer {
  readonly bytes: Buffer
  /** What the tool said, empty when it worked. */
  readonly reason: string
}

interface Waiting extends Read {
  readonly resolve: (answer: ReadAnswer) => void
  readonly reject: (error: unknown) => void
}

const mostReads = 100
const mostBytes = 32 * 1024 * 1024
const mostWords = 60 * 1024
const listBytes = 8 * 1024 * 1024
const statBytes = 4096

export type ReadFiles = (read: Read) => Promise<ReadAnswer>

/** A function that reads, together with whoever else asks in the same turn. */
export function batchedReads(host: string, run: SshRun): ReadFiles {
  let batch: Waiting[] = []
  const flush = () => {
    const ready = batch
    batch = []
    for (const part of portions(ready)) void send(host, run, part)
  }
  return (read) =>
    new Promise((resolve, reject) => {
      if (!read.path.startsWith('/')) throw new Fault('invalid', `host ${host}: ${read.path} is no absolute path`)
      batch.push({ ...read, resolve, reject })
      if (batch.length === 1) queueMicrotask(flush)
    })
}

/** What one read may print, in bytes. */
function outputOf({ what, bytes }: Read): number {
  if (what === 'stat') return statBytes
  return Math.ceil(((what === 'list' ? listBytes : bytes + 1) * 4) / 3) + statBytes
}

function portions(reads: readonly Waiting[]): Waiting[][] {
  const parts: Waiting[][] = []
  let [bytes, words] = [0, 0]
  for (const read of reads) {
    bytes += outputOf(read)
    words += Buffer.byteLength(read.path) + 40
    const last = parts.at(-1)
    if (last !== undefined && last.length < mostReads && bytes <= mostBytes && words <= mostWords) last.push(read)
    else {
      parts.push([read])
      bytes = outputOf(read)
      words = Buffer.byteLength(read.path) + 40
    }
  }
  return parts
}

async function send(host: string, run: SshRun, reads: readonly Waiting[]): Promise<void> {
  try {
    const words = reads.flatMap(({ what, path, bytes }) => [what, path, String(bytes)])
    const maxOutput = reads.reduce((sum, read) => sum + outputOf(read), 0)
    const { stdout } = await run({ argv: ['sh', '-c', readScript, 'read', ...words], effect: 'read', maxOutput })
    const lines = stdout.split('\n')
    reads.forEach(({ path, resolve, reject }, index) => {
      const [, data, reason] = /^([A-Za-z0-9+/=]*) ([^\n]*)$/.exec(lines[index] ?? '') ?? []
      if (data === undefined || reason === undefined) reject(new Fault('internal', `host ${host}: no answer about ${path}`))
      else resolve({ bytes: Buffer.from(data, 'base64'), reason })
    })
  } catch (error) {
    for (const { reject } of reads) reject(readFault(host, reads, error))
  }
}

/** The script is ours; a person wants to know which files. */
function readFault(host: string, reads: readonly Read[], error: unknown): unknown {
  const fault = asFault(error)
  if (fault.kind !== 'timeout' && fault.kind !== 'internal') return error
  const more = reads.length > 1 ? ` and ${reads.length - 1} more` : ''
  const how = fault.kind === 'timeout' ? 'the host did not answer in time' : 'the command for it failed'
  return new Fault(fault.kind, `host ${host}: cannot read ${reads[0]?.path}${more}: ${how}`, { cause: error })
}
