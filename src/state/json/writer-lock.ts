/**
 * The writers' lock of a directory. Taking it costs a process start, so it is kept over transactions in a row and while
 * nobody else waits; a timer that keeps no process alive gives it away.
 */
import { Fault } from '../../core/fault.ts'
import type { Clock, Fs } from '../../core/ports.ts'
import { pathFault } from './disk-fault.ts'
import { fileMode } from './layout.ts'

/** Milliseconds between looks at who waits. */
const lookMs = 20
/** Longest time under load when waiters cannot be seen. */
const blindHoldMs = 60
/** Longest time without any transaction. */
const idleHoldMs = 500

export interface LockOptions {
  readonly fs: Fs
  readonly clock: Clock
  readonly path: string
  readonly timeoutMs: number
}

export class WriterLock {
  /** True when somebody else should get the lock before the next transaction. */
  isWanted = false
  #options: LockOptions
  #release: (() => void) | undefined
  #takenAt = 0
  #usedAt = 0
  #inUse = false
  #ino = 0
  readonly #onRelease: () => void

  constructor(options: LockOptions, onRelease: () => void) {
    this.#options = options
    this.#onRelease = onRelease
  }

  get isHeld(): boolean {
    return this.#release !== undefined
  }

  /** Takes the lock; `timeout` fault when others keep it too long. */
  async take(): Promise<void> {
    const { fs, clock, path, timeoutMs } = this.#options
    const fd = this.#open()
    try {
      this.#release = await fs.lock(fd, timeoutMs)
    } catch (error) {
      fs.close(fd)
      if (!(error instanceof Fault) || error.kind !== 'timeout') throw error
      throw new Fault('timeout', `${path} was held by another process for ${timeoutMs} ms`, {
        hint: 'try again; fuser names the process that holds it',
        cause: error,
      })
    }
    this.#ino = fs.stat(path).ino
    this.#takenAt = clock.monotonic()
    this.isWanted = false
    this.#lookLater()
  }

  /** Says whether transactions are being worked on, so that the lock is not given away under them. */
  use(inUse: boolean): void {
    this.#inUse = inUse
    this.#usedAt = this.#options.clock.monotonic()
    if (!inUse && this.isWanted) this.giveAway()
  }

  giveAway(): void {
    const release = this.#release
    if (!release) return
    this.#release = undefined
    this.#onRelease()
    release()
  }

  #open(): number {
    const { fs, path } = this.#options
    try {
      return fs.open(path, 'a', fileMode)
    } catch (error) {
      throw pathFault(error, path)
    }
  }

  #lookLater(): void {
    const taken = this.#release
    this.#options.clock.deadline(lookMs).addEventListener('abort', () => {
      if (taken && this.#release === taken) void this.#look(taken)
    })
  }

  async #look(taken: () => void): Promise<void> {
    const waiting = await this.#waiting()
    if (this.#release !== taken) return
    const now = this.#options.clock.monotonic()
    const idle = this.#inUse ? 0 : now - this.#usedAt
    const isBlind = waiting === 'unknown' && (idle > lookMs / 2 || now - this.#takenAt > blindHoldMs)
    this.isWanted = waiting === 'some' || isBlind || idle > idleHoldMs
    if (this.isWanted && !this.#inUse) this.giveAway()
    else this.#lookLater()
  }

  /** Who waits for our lock, by the kernel's list, which is slow to read; containers may hide it. */
  async #waiting(): Promise<'none' | 'some' | 'unknown'> {
    let list: string
    try {
      list = (await this.#options.fs.readFileLater('/proc/locks')).toString('latin1')
    } catch {
      return 'unknown'
    }
    const ours = list.split('\n').filter((line) => line.includes(`:${this.#ino} `))
    if (ours.some((line) => line.includes('->'))) return 'some'
    return ours.length > 0 ? 'none' : 'unknown'
  }
}
