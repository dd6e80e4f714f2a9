/**
 * State directories that older versions of this program wrote, as it left them when it was killed. What was recorded names its
 * directory `/state`; here it gets a new one, so the lines are sealed again: their words and their order stay.
 */
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { headerLine, linkOf, loadHasher, type SegmentHeader, transactionLine } from '../../src/state/json/journal-line.ts'
import { writeManifest } from '../../src/state/json/manifest.ts'
import type { RawChange } from '../../src/state/record.ts'
import { systemFs } from '../../src/system/fs.ts'

interface Recorded {
  readonly rev: number
  readonly at: string
  readonly actor: string
  readonly request: string
  readonly action: string
  readonly touched: readonly (readonly [RawChange['table'], string, number, (0 | 1)?])[]
  readonly records: readonly (object | null)[]
}

const fixtures = fileURLToPath(new URL('../fixtures', import.meta.url))

/** A new directory with what `test/fixtures/<name>` holds. */
export async function recordedState(name: string): Promise<string> {
  const state = mkdtempSync(path.join(os.tmpdir(), 'nk-'))
  const read = (file: string) => readFileSync(path.join(fixtures, name, file), 'utf8').replaceAll('"/state/', `"${state}/`)
  const [first = '', ...lines] = read('journal.jsonl').trimEnd().split('\n')
  const header: SegmentHeader = JSON.parse(first)
  const hash = await loadHasher()
  const sealed = [headerLine(header)]
  for (const line of lines) {
    const { touched, records, ...head }: Recorded = JSON.parse(line)
    const before = sealed.at(-1) ?? Buffer.alloc(0)
    const prev = linkOf(before, 0, before.length - 1, hash)
    const changes = touched.map(([table, id, , isNew], index): RawChange => {
      const record = records[index] ?? null
      return { table, id, text: record === null ? null : JSON.stringify(record), isNew: isNew === 1 }
    })
    sealed.push(transactionLine({ ...head, prev }, changes))
  }
  writeFileSync(path.join(state, 'journal.0.jsonl'), Buffer.concat(sealed), { mode: 0o600 })
  const { schema, generation, snapshot } = header
  const start = { format: 1, schema, generation, revision: 0, at: '', link: '', hash: snapshot.hash, tables: [] } as const
  writeManifest(systemFs, state, start)
  for (const [file, guest] of Object.entries(JSON.parse(read('guests.json')))) {
    mkdirSync(path.dirname(path.join(state, file)), { recursive: true })
    writeFileSync(path.join(state, file), JSON.stringify(guest))
  }
  return state
}
