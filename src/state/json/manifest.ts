/** The manifest: which snapshot is in force, of which revision, with which hash. Written last, by rename. */
import { Fault } from '../../core/fault.ts'
import type { Fs } from '../../core/ports.ts'
import type { TableName } from '../../model/tables.ts'
import { checkedLine, parseChecked } from './checked-line.ts'
import { isCode } from './disk-fault.ts'
import { directoryMode, fileMode, layout } from './layout.ts'
import { writeAll } from './write-all.ts'

/** A run of index lines: offset, length and checksum in the index file, and how many lines. */
export type IndexBlock = readonly [offset: number, length: number, crc: number, rows: number]

export interface TableSnapshot {
  readonly table: TableName
  readonly records: number
  /** Bytes of the records file. */
  readonly bytes: number
  /** Names of the fields whose values the index carries. */
  readonly fields: readonly string[]
  readonly blocks: readonly IndexBlock[]
}

export interface Manifest {
  readonly format: 1
  readonly schema: number
  /** Of the snapshot files, and of the first segment that is replayed over them. */
  readonly generation: number
  readonly revision: number
  /** ISO time of that revision. */
  readonly at: string
  /** Link to the last journal line that the snapshot covers. */
  readonly link: string
  /** SHA-256 of the state: every table's name and records in order. */
  readonly hash: string
  readonly tables: readonly TableSnapshot[]
}

/** The manifest of a directory and the inode that tells it from its successor; undefined when there is none. */
export function readManifest(fs: Fs, directory: string): { manifest: Manifest; ino: number } | undefined {
  const path = layout.manifest(directory)
  try {
    const { ino } = fs.stat(path)
    return { manifest: parseManifest(path, fs.readFile(path)), ino }
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined
    throw error
  }
}

/** Makes `manifest` the one in force, durably. */
export function writeManifest(fs: Fs, directory: string, manifest: Manifest): void {
  const draft = layout.manifestDraft(directory)
  const fd = fs.open(draft, 'w', fileMode)
  try {
    writeAll(fs, fd, checkedLine(JSON.stringify(manifest)))
    fs.fsync(fd)
  } finally {
    fs.close(fd)
  }
  fs.rename(draft, layout.manifest(directory))
  fs.fsyncDirectory(directory)
}

function parseManifest(path: string, bytes: Buffer): Manifest {
  const end = bytes.indexOf(10)
  const manifest = end === bytes.length - 1 ? (parseChecked(bytes, 0, end) as Manifest | undefined) : undefined
  if (manifest?.format === 1) return manifest
  throw new Fault('internal', `${path} line 1: its checksum is wrong`, {
    hint: 'nothing was changed; restore the state directory from a copy',
    details: { file: path, line: 1 },
  })
}

/** The bytes of all snapshot files' records. */
export const snapshotBytes = (manifest: Manifest) => manifest.tables.reduce((sum, table) => sum + table.bytes, 0)

/** Creates the directory of sealed segments. */
export function makeHistory(fs: Fs, directory: string): void {
  if (fs.exists(layout.history(directory))) return
  fs.mkdir(layout.history(directory), directoryMode)
  fs.fsyncDirectory(directory)
}
