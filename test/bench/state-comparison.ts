/** What durable commits cost on this disk without us: SQLite with synchronous=FULL, else a bare append + fdatasync. */
import { closeSync, fdatasync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'

export interface Comparison {
  readonly name: string
  readonly perSecond: number
}

interface Sqlite {
  readonly DatabaseSync: new (
    path: string,
  ) => {
    exec(sql: string): void
    prepare(sql: string): { run(...values: unknown[]): unknown }
    close(): void
  }
}

export async function syncsPerSecond(directory: string, roundMs: number): Promise<Comparison> {
  const sqlite = await import('node:module').then(({ createRequire }) => {
    try {
      return createRequire(import.meta.url)('node:sqlite') as Sqlite
    } catch {
      return undefined
    }
  })
  return sqlite ? sqliteRate(sqlite, directory, roundMs) : appendRate(directory, roundMs)
}

function sqliteRate({ DatabaseSync }: Sqlite, directory: string, roundMs: number): Comparison {
  const database = new DatabaseSync(join(directory, 'compare.sqlite'))
  database.exec('PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE IF NOT EXISTS t (id INTEGER PRIMARY KEY, r TEXT)')
  const insert = database.prepare('INSERT INTO t (r) VALUES (?)')
  const record = 'x'.repeat(1400)
  const started = performance.now()
  let done = 0
  for (; performance.now() - started < roundMs; done += 1) insert.run(record)
  database.close()
  return { name: 'SQLite WAL, synchronous=FULL', perSecond: (done * 1000) / roundMs }
}

async function appendRate(directory: string, roundMs: number): Promise<Comparison> {
  const fd = openSync(join(directory, 'compare.txt'), 'a')
  const record = Buffer.alloc(1400, 'x')
  const started = performance.now()
  let done = 0
  for (; performance.now() - started < roundMs; done += 1) {
    writeSync(fd, record)
    await new Promise<void>((resolve, reject) => fdatasync(fd, (error) => (error ? reject(error) : resolve())))
  }
  closeSync(fd)
  return { name: 'bare append + fdatasync', perSecond: (done * 1000) / roundMs }
}
