/** The archive of a state directory: compressed files that are only appended to, each with an index. */
import { Fault } from '../../core/fault.ts'
import type { Fs } from '../../core/ports.ts'
import { type Archive, addCounts, type Purged, type Tree, type TreeEntry, type WrittenTree } from '../archive.ts'
import { ArchiveIndex, addLine, type IndexLine, indexBytes } from './archive-index.ts'
import { type ArchiveName, archiveLeftovers, archiveNames, archiveLayout as at } from './archive-layout.ts'
import { idOfLine, packed, treeLine, treeOf, unpacked } from './archive-members.ts'
import { rewritten } from './archive-rewrite.ts'
import { loadNativeCrc32 } from './crc32.ts'
import { appendDurably } from './durable-append.ts'
import { directoryMode, fileMode } from './layout.ts'
import { migrations } from './migrations.ts'

/** What one file holds at most, so that its index fits into memory easily. */
const mostTrees = 10_000
const mostBytes = 64 * 1024 * 1024

/** The archive under a state directory; nothing is made before the first tree comes. */
export const jsonArchive = (stateDirectory: string, fs: Fs): Archive => new JsonArchive(at.directory(stateDirectory), fs)

class JsonArchive implements Archive {
  readonly place: string
  readonly #fs: Fs
  /** The newest file, as long as the lock is held. */
  #newest: { readonly name: ArchiveName; readonly index: ArchiveIndex } | undefined

  constructor(directory: string, fs: Fs) {
    this.place = directory
    this.#fs = fs
  }

  async alone<T>(work: () => Promise<T>): Promise<T> {
    const release = await this.#lock()
    try {
      // Before everything is read that will be archived, each piece of it with its checksum.
      await loadNativeCrc32()
      for (const path of archiveLeftovers(this.#fs, this.place)) this.#fs.unlink(path)
      return await work()
    } finally {
      this.#newest = undefined
      release()
    }
  }

  async add(trees: readonly WrittenTree[]): Promise<void> {
    if (trees.length === 0) return
    const bytes = await packed(trees.map(treeLine))
    const { name, index } = this.#forAdding()
    const offset = index.dataEnd
    await this.#append(at.data(this.place, name), offset, bytes)
    await this.#note(name, index, addLine({ offset, bytes: bytes.length, schema: migrations.length }, trees))
  }

  async unsettled(): Promise<string[]> {
    return this.#names().flatMap((name) => [...this.#index(name).unsettled])
  }

  unsettle(ids: readonly string[]): Promise<void> {
    return this.#noteEach(ids, (own) => ({ unsettle: own }))
  }

  settle(ids: readonly string[]): Promise<void> {
    return this.#noteEach(ids, (own) => ({ settle: own }))
  }

  forget(ids: readonly string[]): Promise<void> {
    return this.#noteEach(ids, (own) => ({ forget: own }))
  }

  async get(serverId: string): Promise<Tree | undefined> {
    for (const name of this.#names().reverse()) {
      const kept = this.#index(name).kept.get(serverId)
      if (!kept) continue
      const path = at.data(this.place, name)
      const lines = await unpacked(this.#fs, path, kept.member)
      return treeOf(lineOf(path, serverId, new Map(lines.map((line) => [idOfLine(line), line]))), kept)
    }
    return undefined
  }

  async *entries(): AsyncGenerator<TreeEntry> {
    for (const name of this.#names()) for (const { entry } of this.#index(name).kept.values()) yield entry
  }

  async *trees(): AsyncGenerator<Tree> {
    for (const name of this.#names()) {
      const path = at.data(this.place, name)
      let open: { readonly offset: number; readonly lines: ReadonlyMap<string | undefined, string> } | undefined
      for (const [id, kept] of this.#index(name).kept) {
        const { offset } = kept.member
        if (open?.offset !== offset) {
          const lines = await unpacked(this.#fs, path, kept.member)
          open = { offset, lines: new Map(lines.map((line) => [idOfLine(line), line])) }
        }
        yield treeOf(lineOf(path, id, open.lines), kept)
      }
    }
  }

  async purge(before: string | undefined, planned: boolean): Promise<Purged> {
    const counts = new Map<string, number>()
    let servers = 0
    for (const name of this.#names()) {
      const index = this.#index(name)
      const going = [...index.kept.values()].filter(({ entry }) => before === undefined || entry.deletedAt < before)
      servers += going.length
      for (const { entry } of going) addCounts(counts, entry.counts)
      if (planned || going.length === 0) continue
      this.#newest = undefined
      for (const { entry } of going) index.kept.delete(entry.serverId)
      await rewritten(this.#fs, this.place, name, index)
    }
    return { servers, counts }
  }

  async #lock(): Promise<() => void> {
    const fs = this.#fs
    fs.mkdir(this.place, directoryMode)
    const fd = fs.open(at.lock(this.place), 'a', fileMode)
    try {
      return await fs.lock(fd, 0)
    } catch (error) {
      fs.close(fd)
      if (!(error instanceof Fault) || error.kind !== 'timeout') throw error
      throw new Fault('conflict', `${this.place}: another process archives, restores or purges`, {
        hint: 'let it end, then try again',
        cause: error,
      })
    }
  }

  #names(): ArchiveName[] {
    return archiveNames(this.#fs, this.place)
  }

  #index(name: ArchiveName): ArchiveIndex {
    if (this.#newest?.name.number === name.number) return this.#newest.index
    const path = at.index(this.place, name)
    return ArchiveIndex.of(path, this.#fs.readFile(path))
  }

  #forAdding(): { readonly name: ArchiveName; readonly index: ArchiveIndex } {
    if (!this.#newest) {
      const name = this.#names().at(-1)
      if (name) this.#newest = { name, index: this.#index(name) }
    }
    const { name, index } = this.#newest ?? { name: { number: 0, generation: 0 } }
    if (index && index.added < mostTrees && index.dataEnd < mostBytes) return { name, index }
    this.#newest = { name: { number: name.number + 1, generation: 0 }, index: new ArchiveIndex() }
    return this.#newest
  }

  async #noteEach(ids: readonly string[], line: (own: string[]) => IndexLine): Promise<void> {
    let left = [...ids]
    for (const name of this.#names().reverse()) {
      if (left.length === 0) return
      const index = this.#index(name)
      const own = left.filter((id) => index.kept.has(id))
      if (own.length === 0) continue
      await this.#note(name, index, line(own))
      left = left.filter((id) => !own.includes(id))
    }
  }

  async #note(name: ArchiveName, index: ArchiveIndex, line: IndexLine): Promise<void> {
    const bytes = indexBytes(line)
    await this.#append(at.index(this.place, name), index.indexEnd, bytes)
    index.apply(line, bytes.length)
  }

  /** Writes behind `size` bytes; what a killed writer left there is cut off first. */
  async #append(path: string, size: number, bytes: Buffer): Promise<void> {
    const fs = this.#fs
    const fd = fs.open(path, 'a', fileMode)
    try {
      const found = fs.size(fd)
      if (found < size) throw new Fault('internal', `${path} has ${found} bytes, its index speaks of ${size}`)
      if (found > size) fs.truncate(fd, size)
      const { fault } = await appendDurably(fs, { fd, path, size }, bytes)
      if (fault) throw fault
      if (size === 0) fs.fsyncDirectory(this.place)
    } catch (error) {
      this.#newest = undefined
      throw error
    } finally {
      fs.close(fd)
    }
  }
}

function lineOf(path: string, id: string, lines: ReadonlyMap<string | undefined, string>): string {
  const line = lines.get(id)
  if (line === undefined) throw new Fault('internal', `${path} lacks server ${id} of its index`)
  return line
}
