/**
 * The adapter under lowdb's `Low`: `read` loads the state or catches up with the journal, `write` appends what was
 * staged since and waits for the disk. `write` and `rotate` are for the holder of the writers' lock.
 */
import type { Adapter } from 'lowdb'
import { Fault } from '../../core/fault.ts'
import type { Fs } from '../../core/ports.ts'
import type { RawChange } from '../record.ts'
import type { FrozenState, State } from '../state.ts'
import type { Authorship } from '../store.ts'
import { loadNativeCrc32 } from './crc32.ts'
import { checkDirectory } from './directory-guard.ts'
import { appendDurably } from './durable-append.ts'
import { type Hasher, linkOf, transactionLine } from './journal-line.ts'
import type { Source } from './journal-tail.ts'
import { fileMode } from './layout.ts'
import type { Manifest } from './manifest.ts'
import { addSegment, createJournal, cutTornEnd } from './segment-files.ts'
import type { SnapshotFiles } from './snapshot-files.ts'
import { catchUp, type Loaded, loadState } from './state-loader.ts'

export interface AdapterOptions extends Source {
  readonly uid: number
  /** Told about a torn end that was cut. */
  readonly notice: (message: string) => void
}

/** Everything as it was when a segment was sealed. */
export interface Frozen extends FrozenState {
  /** Of the segment that goes on behind it, and the link to the last line before. */
  readonly generation: number
  readonly link: string
  readonly state: State
  /** To be called when nobody reads it any more. */
  readonly release: () => void
}

/** Transactions of one process after which checksums are worth loading node's own code. */
const staysFrom = 16

export class JournalAdapter implements Adapter<State> {
  /** Set while this process holds the writers' lock. */
  hash: Hasher | undefined
  /** Why this process may not write any more. */
  poison: Fault | undefined
  readonly #options: AdapterOptions
  readonly #fs: Fs
  #loaded: Loaded | undefined
  #pending: Buffer[] = []
  #staged = 0
  #reading: Promise<State> | undefined
  #following: Promise<State> | undefined
  #file: { readonly fd: number; readonly path: string } | undefined

  constructor(options: AdapterOptions) {
    this.#options = options
    this.#fs = options.fs
  }

  get loaded(): Loaded {
    if (!this.#loaded) throw new Fault('internal', 'the state was used before it was read')
    return this.#loaded
  }

  get isLoaded(): boolean {
    return this.#loaded !== undefined
  }

  /**
   * One at a time: readers and the writer of this process share what is loaded. Who asks while the disk is being looked at may know
   * of a commit that this look was too early for: the next look is theirs.
   */
  read(): Promise<State> {
    if (!this.#reading) return this.#look()
    const over = this.#reading.then(nothing, nothing)
    this.#following ??= over.then(() => {
      this.#following = undefined
      return this.#reading ?? this.#look()
    })
    return this.#following
  }

  #look(): Promise<State> {
    this.#reading = this.#readNow().finally(() => {
      this.#reading = undefined
    })
    return this.#reading
  }

  /** Adds a transaction to the next write; commits it in memory. */
  stage(authorship: Authorship, at: string, changes: readonly RawChange[]): void {
    const { state, tail } = this.loaded
    const hash = this.#hasher()
    const rev = state.revision + 1
    const { actor, request, action } = authorship
    const line = transactionLine({ rev, at, actor, request, action, prev: tail.reader.link(hash) }, changes)
    tail.reader.wrote(line, rev, linkOf(line, 0, line.length - 1, hash))
    this.#pending.push(line)
    this.#staged += 1
    if (this.#staged === staysFrom) void loadNativeCrc32()
    state.commit(changes, at)
  }

  async write(): Promise<void> {
    const lines = this.#pending
    this.#pending = []
    if (lines.length === 0) return
    const bytes = lines.length === 1 && lines[0] ? lines[0] : Buffer.concat(lines)
    const { path, fd } = this.#openFile()
    const size = this.loaded.tail.reader.offset - bytes.length
    const { fault, isPoisoned } = await appendDurably(this.#fs, { fd, path, size }, bytes)
    if (!fault) return
    if (isPoisoned) this.poison = fault
    this.forget()
    throw fault
  }

  /** Seals the newest segment and goes on in a new one; returns its generation. */
  async rotate(): Promise<number> {
    try {
      const { generation, poison } = await addSegment(this.#options, this.loaded, this.#hasher())
      this.poison = poison
      if (poison) throw poison
      this.#closeFile()
      return generation
    } catch (error) {
      this.forget()
      throw error
    }
  }

  /** Seals the newest segment; what it ends with can be read in pieces from now on. */
  async freeze(): Promise<Frozen> {
    const generation = await this.rotate()
    const { state, files, tail } = this.loaded
    files?.retain()
    const frozen = state.freeze()
    const release = () => {
      state.unpin(frozen.seen)
      files?.release()
    }
    return { ...frozen, generation, link: tail.reader.header?.prev ?? '', state, release }
  }

  /** Goes on over the snapshot `files`, which holds what `frozen` was and is in force now; indexes in memory are kept. */
  rebase(frozen: Frozen, manifest: Manifest, files: SnapshotFiles): void {
    const { state, tail, files: before } = this.loaded
    if (state !== frozen.state || tail.reader.generation !== frozen.generation) {
      this.forget()
      return
    }
    files.retain()
    before?.release()
    tail.earlierBytes = 0
    const manifestIno = manifestInoOf(this.#options)
    this.#loaded = { state: state.rebased(files.bases, frozen), manifest, manifestIno, files, tail }
  }

  /** Drops what is loaded: the next read starts from the disk. */
  forget(): void {
    this.#closeFile()
    this.#pending = []
    this.#loaded?.tail.close()
    this.#loaded?.files?.release()
    this.#loaded = undefined
  }

  async #readNow(): Promise<State> {
    const { directory, uid } = this.#options
    if (this.#loaded && !this.#isBehind()) return this.#loaded.state
    if (!this.#loaded) checkDirectory(this.#fs, directory, uid, this.hash !== undefined)
    this.#loaded ??= loadState(this.#options, this.hash)
    if (this.hash) await this.#prepare(this.hash)
    return this.loaded.state
  }

  /** Catches up; true when the state must be loaded, or prepared for writing. */
  #isBehind(): boolean {
    const { loaded } = this
    const followed = catchUp(this.#options, loaded, this.hash)
    const moved = this.hash !== undefined && manifestInoOf(this.#options) !== loaded.manifestIno
    if (followed === 'lost' || moved) this.forget()
    return this.#loaded === undefined || this.hash !== undefined
  }

  async #prepare(hash: Hasher): Promise<void> {
    const { loaded } = this
    if (!loaded.manifest) {
      createJournal(this.#options, hash)
      this.forget()
      this.#loaded = loadState(this.#options, hash)
      return
    }
    cutTornEnd(this.#options, loaded, hash)
    if ((loaded.tail.reader.header?.schema ?? 0) < this.#options.migrations.length) await this.rotate()
  }

  #openFile() {
    const { path } = this.loaded.tail
    if (this.#file?.path !== path) {
      this.#closeFile()
      this.#file = { fd: this.#fs.open(path, 'a', fileMode), path }
    }
    return this.#file
  }

  #closeFile(): void {
    if (this.#file) this.#fs.close(this.#file.fd)
    this.#file = undefined
  }

  #hasher(): Hasher {
    if (!this.hash) throw new Fault('internal', 'the journal was written to without the lock')
    return this.hash
  }
}

const nothing = () => undefined

function manifestInoOf({ fs, directory }: Source): number {
  const path = `${directory}/manifest.json`
  return fs.exists(path) ? fs.stat(path).ino : 0
}
