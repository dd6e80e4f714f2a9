/** Checks everything that a state directory holds and says which revisions survive. Changes nothing. */
import type { Fs } from '../../core/ports.ts'
import type { JournalProblem, JournalReport } from '../journal-report.ts'
import { State } from '../state.ts'
import { type HistoryBase, historyStart, readBase } from './history-base.ts'
import { type Hasher, loadHasher } from './journal-line.ts'
import { layout } from './layout.ts'
import { type Manifest, readManifest } from './manifest.ts'
import { allSegments, segmentBytes, startOf } from './segment-entries.ts'
import { type ChainEnd, type Entry, SegmentReader } from './segment-reader.ts'
import { SnapshotFiles } from './snapshot-files.ts'
import { stateHash } from './state-hash.ts'

/** Reads every segment and the snapshot of `directory`. Faults only when the directory itself cannot be read. */
export async function verifyJournal(directory: string, fs: Fs): Promise<JournalReport> {
  const check = new JournalCheck(directory, fs, await loadHasher())
  return check.run()
}

class JournalCheck {
  readonly #directory: string
  readonly #fs: Fs
  readonly #hash: Hasher
  readonly #problems: JournalProblem[] = []
  readonly #survives: [number, number][] = []
  #end: ChainEnd | undefined
  #torn = 0
  #schema = 0
  /** Of the base that `#state` reads from. */
  #files: SnapshotFiles | undefined
  /** Rebuilt from where history begins on; undefined once a revision is missing. */
  #state: State | undefined = new State()

  constructor(directory: string, fs: Fs, hash: Hasher) {
    this.#directory = directory
    this.#fs = fs
    this.#hash = hash
  }

  async run(): Promise<JournalReport> {
    const manifest = this.#manifest()
    const snapshotRevision = manifest && this.#checkSnapshot(this.#directory, manifest)?.revision
    const history = this.#base(manifest)
    const segments = allSegments(this.#fs, this.#directory, history)
    try {
      for (const [index, generation] of segments.entries()) {
        const next = index === 0 ? (history?.segment ?? generation) : (segments[index - 1] ?? 0) + 1
        if (generation !== next) this.#gap(next)
        await this.#checkSegment(generation, manifest, history)
      }
    } finally {
      this.#files?.release()
    }
    this.#checkTail(manifest, segments)
    return {
      problems: this.#problems,
      survives: this.#survives,
      snapshotRevision,
      tornBytes: this.#torn,
      segments: segments.length,
      start: historyStart(history),
    }
  }

  /** Where history begins: what follows must continue its link, and add up to the snapshot in force. */
  #base(manifest: Manifest | undefined): HistoryBase | undefined {
    const directory = layout.history(this.#directory)
    try {
      const base = readBase(this.#fs, this.#directory)
      if (!base) return undefined
      this.#end = { revision: base.revision, link: base.link }
      const state = this.#checkSnapshot(directory, base, true)
      // Records in an older form add up to another hash than the snapshot in force.
      this.#state = base.schema === manifest?.schema ? state : undefined
      return base
    } catch (error) {
      this.#problem(layout.manifest(directory), messageOf(error))
      this.#state = undefined
      return undefined
    }
  }

  #gap(missing: number): void {
    this.#problem(layout.journal(this.#directory, missing), 'is missing')
    this.#end = undefined
    this.#state = undefined
  }

  #manifest(): Manifest | undefined {
    try {
      return readManifest(this.#fs, this.#directory)?.manifest
    } catch (error) {
      this.#problem(layout.manifest(this.#directory), messageOf(error))
      return undefined
    }
  }

  /** The state of a snapshot; undefined when its files are damaged. With `isKept` they stay open until the end. */
  #checkSnapshot(directory: string, manifest: Manifest, isKept = false): State | undefined {
    let files: SnapshotFiles | undefined
    try {
      files = new SnapshotFiles(this.#fs, directory, manifest)
      if (isKept) this.#files = files
      const state = new State(files.bases, manifest.revision, manifest.at)
      const found = stateHash(state, this.#hash)
      if (found === manifest.hash) return state
      this.#problem(layout.manifest(directory), `says state hash ${manifest.hash}, its snapshot has ${found}`)
    } catch (error) {
      this.#problem(directory, messageOf(error))
    } finally {
      if (!isKept) files?.release()
    }
    return undefined
  }

  async #checkSegment(generation: number, manifest: Manifest | undefined, history: HistoryBase | undefined): Promise<void> {
    if (this.#torn > 0) this.#problem(layout.journal(this.#directory, generation - 1), `has ${this.#torn} torn bytes at its end`)
    this.#torn = 0
    try {
      const { file, bytes } = await segmentBytes(this.#fs, this.#directory, generation, history)
      this.#readSegment(file, generation, bytes, manifest)
    } catch (error) {
      this.#problem(layout.journal(this.#directory, generation), messageOf(error))
      this.#state = undefined
    }
  }

  #readSegment(file: string, generation: number, bytes: Buffer, manifest: Manifest | undefined): void {
    const start = this.#end ?? startOf(bytes, generation)
    const reader = new SegmentReader(file, generation, start)
    if (this.#state && start.revision !== this.#state.revision) this.#state = undefined
    if (manifest?.generation === generation) this.#compareWith(manifest, start)
    this.#schema = manifest?.schema ?? 0
    try {
      // Line by line, so that what is whole before a bad line is counted.
      for (let at = 0; at < bytes.length; ) {
        const newline = bytes.indexOf(10, at)
        const next = newline < 0 ? bytes.length : newline + 1
        const isLast = next === bytes.length
        const { entries, torn } = reader.feed(bytes.subarray(at, next), this.#hash)
        if (torn > 0 && !isLast) throw reader.fault('its checksum is wrong')
        this.#torn = torn
        for (const entry of entries) this.#survived(entry)
        at = next
      }
      this.#end = reader.end
    } catch (error) {
      this.#problem(file, messageOf(error))
      // After a damaged segment the next one is believed on its own header.
      this.#end = undefined
      this.#state = undefined
    }
  }

  #survived({ revision, changes, at, schema }: Entry): void {
    const last = this.#survives.at(-1)
    if (last && last[1] === revision - 1) last[1] = revision
    else this.#survives.push([revision, revision])
    // Records in an older form add up to another hash than the migrated snapshot.
    if (schema !== this.#schema) this.#state = undefined
    if (this.#state?.revision === revision - 1) this.#state.commit(changes, at)
  }

  /** The snapshot must hold what the segments before it add up to. */
  #compareWith(manifest: Manifest, start: ChainEnd): void {
    const file = layout.manifest(this.#directory)
    if (start.revision !== manifest.revision) {
      this.#problem(file, `is of revision ${manifest.revision}, segment ${manifest.generation} starts after ${start.revision}`)
    } else if (this.#state?.revision === manifest.revision) {
      const rebuilt = stateHash(this.#state, this.#hash)
      if (rebuilt !== manifest.hash) this.#problem(file, `says state hash ${manifest.hash}, the journal adds up to ${rebuilt}`)
    }
  }

  #checkTail(manifest: Manifest | undefined, segments: readonly number[]): void {
    if (!manifest) {
      if (segments.length > 0) this.#problem(layout.manifest(this.#directory), 'is missing or damaged')
    } else if (!segments.includes(manifest.generation)) {
      this.#problem(layout.journal(this.#directory, manifest.generation), 'is missing')
    }
  }

  #problem(file: string, message: string): void {
    this.#problems.push({ file, message: message.startsWith(file) ? message : `${file} ${message}` })
  }
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error))
