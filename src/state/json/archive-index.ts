/**
 * The index of one archive file: checked lines that are only appended. Each says what happened to trees of that file; the
 * sum of them says what it holds. A line counts once it is whole, and so does the data that it speaks of.
 */
import { Fault } from '../../core/fault.ts'
import type { TreeEntry } from '../archive.ts'
import { checkedLine, parseChecked } from './checked-line.ts'

/** One gzip member of the data file, with the schema of the records in it. */
export interface Member {
  readonly offset: number
  readonly bytes: number
  readonly schema: number
}

export interface Kept {
  readonly entry: TreeEntry
  readonly member: Member
}

type Row = readonly [
  id: string,
  name: string,
  project: string,
  deletedAt: string,
  archivedAt: string,
  counts: TreeEntry['counts'],
]

export type IndexLine =
  | { readonly add: readonly [offset: number, bytes: number, schema: number]; readonly trees: readonly Row[] }
  | { readonly settle: readonly string[] }
  | { readonly unsettle: readonly string[] }
  | { readonly forget: readonly string[] }

export const addLine = ({ offset, bytes, schema }: Member, trees: readonly TreeEntry[]): IndexLine => ({
  add: [offset, bytes, schema],
  trees: trees.map(({ serverId, name, projectId, deletedAt, archivedAt, counts }) => [
    ...([serverId, name, projectId, deletedAt, archivedAt, counts] as const),
  ]),
})

export const indexBytes = (line: IndexLine) => checkedLine(JSON.stringify(line))

export class ArchiveIndex {
  readonly kept = new Map<string, Kept>()
  readonly unsettled = new Set<string>()
  /** Bytes of the data file that the index speaks of, and of its own whole lines; what is behind them is torn. */
  dataEnd = 0
  indexEnd = 0
  /** Trees that were ever added. */
  added = 0

  /** Reads the bytes of an index file; a damaged line before the end is a fault that names it. */
  static of(path: string, bytes: Buffer): ArchiveIndex {
    const index = new ArchiveIndex()
    for (let at = 0, line = 1; at < bytes.length; line += 1) {
      const end = bytes.indexOf(10, at)
      if (end < 0) break
      const parsed = parseChecked(bytes, at, end)
      if (parsed === undefined) {
        if (end === bytes.length - 1) break
        throw new Fault('internal', `${path} line ${line}: its checksum is wrong`, {
          hint: 'nothing was changed; restore this file from a copy',
          details: { file: path, line },
        })
      }
      index.apply(parsed as IndexLine, end + 1 - at)
      at = end + 1
    }
    return index
  }

  apply(line: IndexLine, bytes: number): void {
    this.indexEnd += bytes
    if ('add' in line) this.#add(line)
    else if ('settle' in line) for (const id of line.settle) this.unsettled.delete(id)
    else if ('unsettle' in line) for (const id of line.unsettle) this.unsettled.add(id)
    else for (const id of line.forget) this.#forget(id)
  }

  #add({ add: [offset, bytes, schema], trees }: Extract<IndexLine, { add: unknown }>): void {
    const member = { offset, bytes, schema }
    for (const [serverId, name, projectId, deletedAt, archivedAt, counts] of trees) {
      this.kept.delete(serverId)
      this.kept.set(serverId, { entry: { serverId, name, projectId, deletedAt, archivedAt, counts }, member })
      this.unsettled.add(serverId)
    }
    this.added += trees.length
    this.dataEnd = offset + bytes
  }

  #forget(id: string): void {
    this.kept.delete(id)
    this.unsettled.delete(id)
  }
}
