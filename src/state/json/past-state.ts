/** The state as it was at a moment, rebuilt from the nearest snapshot before it and the journal after that. */
import { Fault } from '../../core/fault.ts'
import { parseIsoTime } from '../iso-time.ts'
import { noSuchRevision, purgedMoment } from '../moment.ts'
import { State } from '../state.ts'
import type { Moment } from '../store.ts'
import { isCode } from './disk-fault.ts'
import { type HistoryBase, readBase } from './history-base.ts'
import type { Source } from './journal-tail.ts'
import { layout } from './layout.ts'
import { type Manifest, readManifest } from './manifest.ts'
import { checkSchema, migrated } from './migrations.ts'
import { allEntries } from './segment-entries.ts'
import { SnapshotFiles } from './snapshot-files.ts'
import { stateOfSnapshot } from './state-loader.ts'

export interface PastState {
  readonly state: State
  /** Closes the files that it reads from. */
  release(): void
}

/** Where a state may be built from. */
interface Start {
  readonly manifest: Manifest
  readonly directory: string
  readonly segment: number
}

/** Tries when what it reads is replaced or purged meanwhile. */
const tries = 20

/** `not-found` when that revision is not there yet or no longer. `newest` is the revision of now. */
export async function pastState(source: Source, newest: number, moment: Moment): Promise<PastState> {
  return unmoved(source, () => rebuilt(source, newest, moment))
}

/** Reads history again when a snapshot or a purge came in between. */
export async function unmoved<T>(source: Source, read: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    const before = manifestsOf(source)
    try {
      return await read()
    } catch (error) {
      const mayBeMoved = isCode(error, 'ENOENT') || (error instanceof Fault && error.kind === 'internal')
      if (!mayBeMoved || attempt >= tries || manifestsOf(source) === before) throw error
    }
  }
}

async function rebuilt(source: Source, newest: number, moment: Moment): Promise<PastState> {
  const isWithin = limitOf(moment, newest)
  const base = readBase(source.fs, source.directory)
  if (base && !isWithin(base)) throw purgedMoment(moment, base)
  const start = nearest(source, base, isWithin)
  const files = start && new SnapshotFiles(source.fs, start.directory, start.manifest)
  const release = () => files?.release()
  try {
    const state = start && files ? startState(source, start, files) : new State()
    const from = start && { segment: start.segment, revision: start.manifest.revision, link: start.manifest.link }
    for await (const entry of allEntries(source, undefined, from)) {
      if (!isWithin(entry)) break
      if (entry.revision !== state.revision + 1) throw archivedFault(moment, entry.revision)
      state.commit(migrated(entry.changes, entry.schema, source.migrations), entry.at)
    }
    return { state, release }
  } catch (error) {
    release()
    throw error
  }
}

type Placed = { readonly revision: number; readonly at: string }

/** The newest snapshot that is not after the moment. */
function nearest(source: Source, base: HistoryBase | undefined, isWithin: (placed: Placed) => boolean): Start | undefined {
  const { fs, directory } = source
  const manifest = readManifest(fs, directory)?.manifest
  if (manifest && manifest.revision > 0 && isWithin(manifest)) return { manifest, directory, segment: manifest.generation }
  return base && { manifest: base, directory: layout.history(directory), segment: base.segment }
}

function startState(source: Source, { manifest, directory }: Start, files: SnapshotFiles): State {
  checkSchema(manifest.schema, source.migrations, directory)
  return stateOfSnapshot(source, manifest, files)
}

function limitOf(moment: Moment, newest: number): (placed: Placed) => boolean {
  if ('time' in moment) {
    const time = parseIsoTime(moment.time)
    return ({ at }) => parseIsoTime(at) <= time
  }
  const { revision } = moment
  if (!Number.isSafeInteger(revision) || revision < 0) {
    throw new Fault('invalid', `revision ${revision} is not a whole number from 0`)
  }
  if (revision > newest) throw noSuchRevision(revision, newest)
  return (placed) => placed.revision <= revision
}

function archivedFault(moment: Moment, oldest: number): Fault {
  const asked = 'time' in moment ? `time ${moment.time}` : `revision ${moment.revision}`
  return new Fault('not-found', `${asked} cannot be rebuilt: the journal is kept from revision ${oldest} on`, {
    hint: 'bring the archived segments back into the history directory',
  })
}

/** Tells the manifests in force from their successors. */
function manifestsOf({ fs, directory }: Source): string {
  const paths = [layout.manifest(directory), layout.manifest(layout.history(directory))]
  return paths.map((path) => (fs.exists(path) ? fs.stat(path).ino : 0)).join()
}
