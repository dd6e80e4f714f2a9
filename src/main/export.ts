/** The composition root of `nova state export|import|diff`: places and files that hold all records. */
import { Fault } from '../core/fault.ts'
import { diffRecords, type RecordDifference } from '../state/diff-records.ts'
import { type Exported, type ExportedRecord, type ExportHead, exportedRecords, exportRecords } from '../state/export-file.ts'
import { openJsonStore } from '../state/json/json-store.ts'
import { migrated, migrations } from '../state/json/migrations.ts'
import { writeAll } from '../state/json/write-all.ts'
import { parseRecord } from '../state/record.ts'
import type { Store } from '../state/store.ts'
import { systemClock as clock } from '../system/clock.ts'
import { systemFs as fs } from '../system/fs.ts'
import { systemRandom as random } from '../system/random.ts'
import { readDaemonFacts } from './daemon-lock.ts'

/** Records of one transaction of an import. */
const batch = 1000

/** Writes all records of a place into a new file (0600), whole or not at all. */
export async function exportTo(place: string, file: string): Promise<Exported> {
  if (fs.exists(file)) throw new Fault('exists', `${file} is there already`, { hint: 'name a new file' })
  const store = await openPlace(place, true)
  const draft = `${file}.new`
  try {
    const hash = await sha256()
    const fd = openNew(draft)
    try {
      const exported = await store.read((reader) =>
        exportRecords(reader, migrations.length, hash, (text) => writeAll(fs, fd, Buffer.from(text))),
      )
      fs.fsync(fd)
      fs.rename(draft, file)
      return exported
    } finally {
      fs.close(fd)
    }
  } finally {
    await store.close()
  }
}

/** Reads an export into an empty place. The whole file is checked before the first record is written. */
export async function importFrom(file: string, place: string): Promise<Exported> {
  let records = 0
  for await (const _ of recordsOf(file)) records += 1
  const store = await openPlace(place, false)
  try {
    const held = await store.read(async (reader) => reader.revision)
    if (held > 0) throw new Fault('exists', `${place} already holds ${held} revisions`, { hint: 'name an empty place' })
    let waiting: ExportedRecord[] = []
    const flush = async () => {
      await writeRecords(store, waiting)
      waiting = []
    }
    for await (const record of recordsOf(file)) {
      waiting.push(record)
      if (waiting.length >= batch) await flush()
    }
    await flush()
    const [difference] = await diffRecords(recordsOf(file), recordsOf(place, store))
    if (difference) throw new Fault('internal', `${place} holds ${difference.table} ${difference.id} otherwise than ${file}`)
    return { records, hash: '' }
  } finally {
    await store.close()
  }
}

/** What B has otherwise than A; each is a file that was exported, or a place. */
export async function diffPlaces(a: string, b: string): Promise<RecordDifference[]> {
  return diffRecords(recordsOf(a), recordsOf(b))
}

/** The records as the file has them: with their generations. */
async function writeRecords(store: Store, records: readonly ExportedRecord[]): Promise<void> {
  if (records.length === 0) return
  await store.transaction({ actor: 'nova', request: 'import', action: 'state.import' }, async (tx) => {
    for (const { table, record } of records) await tx.restore(table, { ...record, generation: record.generation - 1 } as never)
  })
}

async function* recordsOf(source: string, opened?: Store): AsyncGenerator<ExportedRecord> {
  if (!opened && fs.exists(source) && !fs.stat(source).isDirectory) {
    yield* recordsInFile(source)
    return
  }
  const store = opened ?? (await openPlace(source, true))
  try {
    const lines: string[] = []
    const hash = { update: () => undefined, digest: () => '' }
    await store.read((reader) => exportRecords(reader, migrations.length, hash, (text) => void lines.push(text)))
    yield* withoutHead(exportedRecords(linesOf(lines), hash, source))
  } finally {
    if (!opened) await store.close()
  }
}

async function* recordsInFile(file: string): AsyncGenerator<ExportedRecord> {
  const { createReadStream } = await import('node:fs')
  const { createInterface } = await import('node:readline')
  const lines = createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY })
  yield* withoutHead(exportedRecords(lines, await sha256(), file))
}

/** The records in the newest form. */
async function* withoutHead(values: AsyncIterable<ExportHead | ExportedRecord>): AsyncGenerator<ExportedRecord> {
  let schema = migrations.length
  for await (const value of values) {
    if ('novakit' in value) {
      schema = value.schema
      if (schema <= migrations.length) continue
      throw new Fault('unsupported', `the file has schema ${schema}, this program knows schemas up to ${migrations.length}`)
    }
    const { table, record } = value
    const changes = migrated([{ table, id: record.id, text: JSON.stringify(record) }], schema, migrations)
    for (const { text } of changes) if (text !== null) yield { table, record: parseRecord(text) }
  }
}

async function* linesOf(texts: readonly string[]): AsyncGenerator<string> {
  for (const text of texts) for (const line of text.split('\n')) if (line !== '') yield line
}

async function sha256() {
  const { createHash } = await import('node:crypto')
  return createHash('sha256')
}

function openNew(file: string): number {
  try {
    return fs.open(file, 'w', 0o600)
  } catch (cause) {
    throw new Fault('invalid', `${file} cannot be written: ${cause instanceof Error ? cause.message : cause}`, { cause })
  }
}

/** A state directory, with `json:` or without, or a database. */
async function openPlace(place: string, readOnly: boolean): Promise<Store> {
  if (/^postgres(ql)?:\/\//.test(place)) {
    const { openPostgresStore } = await import('../state/postgres/postgres-store.ts')
    return openPostgresStore({ url: place, clock, random, fs, coldReads: 0 })
  }
  const { resolve } = await import('node:path')
  const directory = resolve(place.replace(/^json:/, ''))
  if (readOnly && !fs.exists(`${directory}/manifest.json`))
    throw new Fault('not-found', `${place} holds no records and is no export`, {
      hint: 'name a state directory, a database or a file',
    })
  const daemon = readOnly ? undefined : readDaemonFacts(directory)
  if (daemon)
    throw new Fault('conflict', `daemon ${daemon.pid} serves ${directory}`, { hint: `nova daemon stop --state ${directory}` })
  return openJsonStore({ directory, fs, clock, readOnly })
}
