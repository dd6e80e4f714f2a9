/** Builds a state from a directory: the manifest's snapshot, then the journal's segments over it. */
import { Fault } from '../../core/fault.ts'
import type { RawChange } from '../record.ts'
import { State } from '../state.ts'
import { isCode, pathFault } from './disk-fault.ts'
import type { Hasher } from './journal-line.ts'
import { JournalTail, missingSegment, type Source } from './journal-tail.ts'
import { journalGenerations, layout, snapshotGeneration } from './layout.ts'
import { type Manifest, readManifest } from './manifest.ts'
import { checkSchema, migrated } from './migrations.ts'
import type { Entry } from './segment-reader.ts'
import { SnapshotFiles } from './snapshot-files.ts'

export interface Loaded {
  readonly state: State
  /** Undefined in a directory that no transaction has touched yet. */
  readonly manifest: Manifest | undefined
  readonly manifestIno: number
  readonly files: SnapshotFiles | undefined
  readonly tail: JournalTail
}

/** Tries when a snapshot is replaced while it is being opened. */
const tries = 20

/** Loads the newest revision; with `hash` the whole chain of the journal is verified. */
export function loadState(source: Source, hash?: Hasher): Loaded {
  for (let attempt = 1; ; attempt += 1) {
    let before: number | undefined
    try {
      const found = readManifest(source.fs, source.directory)
      before = found?.ino
      return loadOnce(source, found, hash)
    } catch (error) {
      if (attempt >= tries || !manifestMoved(source, before)) throw missingFault(error, source.directory)
    }
  }
}

function loadOnce(source: Source, found: { manifest: Manifest; ino: number } | undefined, hash?: Hasher): Loaded {
  const { fs, directory } = source
  const manifest = found?.manifest
  if (!manifest) refuseOrphans(source)
  else checkSchema(manifest.schema, source.migrations, directory)
  const files = manifest && new SnapshotFiles(fs, directory, manifest)
  const end = { revision: manifest?.revision ?? 0, link: manifest?.link ?? '' }
  const tail = new JournalTail(source, manifest?.generation ?? 0, end, manifest === undefined)
  try {
    const state = manifest && files ? stateOfSnapshot(source, manifest, files) : new State()
    const loaded = { state, manifest, manifestIno: found?.ino ?? 0, files, tail }
    if (catchUp(source, loaded, hash) === 'lost') throw missingSegment(tail.path)
    return loaded
  } catch (error) {
    tail.close()
    files?.release()
    throw error
  }
}

/** Applies what the journal has gained; 'lost' when the files no longer continue what was loaded. */
export function catchUp(source: Source, { state, tail }: Loaded, hash?: Hasher): 'followed' | 'lost' {
  const take = (entry: Entry) => state.commit(migrated(entry.changes, entry.schema, source.migrations), entry.at)
  return tail.follow(take, hash)
}

/** The state that a snapshot holds, in the newest form. */
export function stateOfSnapshot(source: Source, manifest: Manifest, files: SnapshotFiles): State {
  if (manifest.schema === source.migrations.length) return new State(files.bases, manifest.revision, manifest.at)
  // The index was written in an older form: take every record through the migrations, in memory.
  const changes: RawChange[] = []
  for (const [table, base] of files.bases) {
    for (let seq = 0; seq < base.count; seq += 1) {
      const item = base.item(seq)
      changes.push({ table, id: item.id, text: Buffer.from(item.text()), isNew: true })
    }
  }
  const state = new State(new Map(), manifest.revision - 1)
  state.commit(migrated(changes, manifest.schema, source.migrations), manifest.at)
  return state
}

/** Without a manifest there may be the empty first segment of a creation that was cut short, and nothing else. */
function refuseOrphans({ fs, directory }: Source): void {
  const names = fs.exists(directory) ? fs.readdir(directory) : []
  const segments = journalGenerations(names)
  const hasSnapshot = names.some((name) => snapshotGeneration(name) !== undefined)
  const first = layout.journal(directory, 0)
  const hasLines = segments.includes(0) && lineCount(fs.readFile(first)) > 1
  if (!hasSnapshot && !hasLines && segments.every((generation) => generation === 0)) return
  throw new Fault('internal', `${layout.manifest(directory)} is missing, but the directory holds a journal or a snapshot`, {
    hint: 'nothing was changed; restore the state directory from a copy',
  })
}

function lineCount(bytes: Buffer): number {
  let lines = 0
  for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) lines += 1
  return lines
}

function manifestMoved({ fs, directory }: Source, before: number | undefined): boolean {
  try {
    return fs.stat(layout.manifest(directory)).ino !== before
  } catch {
    return before !== undefined
  }
}

function missingFault(error: unknown, directory: string): unknown {
  if (!isCode(error, 'ENOENT') || !(error instanceof Error)) return error instanceof Fault ? error : pathFault(error, directory)
  const path = 'path' in error ? String(error.path) : directory
  return new Fault('internal', `${path} is missing, the manifest names it`, {
    hint: 'nothing was changed; if this is a copy made while the state was written, copy it again; else restore one',
    cause: error,
  })
}
