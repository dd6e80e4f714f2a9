/**
 * The state directory.
 * - manifest.json: one checksummed line that names the newest durable snapshot; renamed into place last.
 * - TABLE.GENERATION.jsonl and TABLE.GENERATION.index: the snapshot of one table and its index.
 * - journal.GENERATION.jsonl: segments; those from the manifest's generation on are replayed over the snapshot.
 * - history/journal.GENERATION.jsonl.gz: sealed segments that the snapshot covers.
 * - lock, compact.lock: kernel locks of writers and of the one process that writes a snapshot.
 */
import type { TableName } from '../../model/tables.ts'

export const layout = {
  manifest: (directory: string) => `${directory}/manifest.json`,
  manifestDraft: (directory: string) => `${directory}/manifest.json.new`,
  lock: (directory: string) => `${directory}/lock`,
  compactLock: (directory: string) => `${directory}/compact.lock`,
  /** Names the place that all records were moved to; writers refuse. */
  moved: (directory: string) => `${directory}/moved`,
  /** Names the place that records are being moved from. */
  moving: (directory: string) => `${directory}/moving`,
  journal: (directory: string, generation: number) => `${directory}/journal.${generation}.jsonl`,
  history: (directory: string) => `${directory}/history`,
  sealed: (directory: string, generation: number) => `${directory}/history/journal.${generation}.jsonl.gz`,
  records: (directory: string, table: TableName, generation: number) => `${directory}/${table}.${generation}.jsonl`,
  index: (directory: string, table: TableName, generation: number) => `${directory}/${table}.${generation}.index`,
}

export const directoryMode = 0o700
export const fileMode = 0o600

/** Generations of the files in `names` that look like journal segments, ascending. */
export function journalGenerations(names: readonly string[]): number[] {
  const found = names.flatMap((name) => /^journal\.(\d{1,12})\.jsonl(?:\.gz)?$/.exec(name)?.[1] ?? []).map(Number)
  return [...new Set(found)].sort((one, other) => one - other)
}

/** The generation of a snapshot file, or undefined for other files. */
export function snapshotGeneration(name: string): number | undefined {
  const found = /^[A-Za-z]+\.(\d{1,12})\.(?:jsonl|index)$/.exec(name)
  return found && !name.startsWith('journal.') ? Number(found[1]) : undefined
}
