/**
 * The archive beside the records, `archive/`.
 * - NNNN.G.jsonl.gz: trees as JSON lines, one gzip member a batch; `zcat` reads it.
 * - NNNN.G.index: what it holds (`archive-index.ts`). A data file without an index is the rest of something that was killed.
 * - G, the generation, grows when a purge writes the file anew; the highest that has an index counts.
 * - lock: the kernel lock of whoever archives, restores or purges.
 */
import type { Fs } from '../../core/ports.ts'

export interface ArchiveName {
  readonly number: number
  readonly generation: number
}

const stem = ({ number, generation }: ArchiveName) => `${String(number).padStart(4, '0')}.${generation}`

export const archiveLayout = {
  directory: (state: string) => `${state}/archive`,
  lock: (directory: string) => `${directory}/lock`,
  data: (directory: string, name: ArchiveName) => `${directory}/${stem(name)}.jsonl.gz`,
  index: (directory: string, name: ArchiveName) => `${directory}/${stem(name)}.index`,
  indexDraft: (directory: string, name: ArchiveName) => `${directory}/${stem(name)}.index.new`,
}

const form = /^(\d{4,9})\.(\d{1,9})\.(index|index\.new|jsonl\.gz)$/

/** The files in force, oldest first. */
export function archiveNames(fs: Fs, directory: string): ArchiveName[] {
  const newest = new Map<number, number>()
  for (const { number, generation, kind } of found(fs, directory)) {
    if (kind === 'index') newest.set(number, Math.max(generation, newest.get(number) ?? 0))
  }
  return [...newest].map(([number, generation]) => ({ number, generation })).sort((one, other) => one.number - other.number)
}

/** Files that nothing speaks of any more. */
export function archiveLeftovers(fs: Fs, directory: string): string[] {
  const inForce = new Map(archiveNames(fs, directory).map(({ number, generation }) => [number, generation]))
  return found(fs, directory)
    .filter(({ number, generation, kind }) => kind === 'index.new' || inForce.get(number) !== generation)
    .map(({ file }) => `${directory}/${file}`)
}

function found(fs: Fs, directory: string) {
  if (!fs.exists(directory)) return []
  return fs.readdir(directory).flatMap((file) => {
    const [, number, generation, kind] = form.exec(file) ?? []
    return kind === undefined ? [] : [{ file, number: Number(number), generation: Number(generation), kind }]
  })
}
