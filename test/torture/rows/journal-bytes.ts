/** R4: torn and rotten bytes of a state directory: an earlier revision, or a refusal that names the place. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { Fault } from '../../../src/core/fault.ts'
import { type JsonStore, openJsonStore } from '../../../src/state/json/json-store.ts'
import { verifyJournal } from '../../../src/state/json/verify-journal.ts'
import { systemClock } from '../../../src/system/clock.ts'
import { systemFs } from '../../../src/system/fs.ts'
import { addKeypair, contentsOf, renameKeypair } from '../../support/keypair-records.ts'
import type { Row, Trial } from '../runner/row.ts'

const files = {
  manifest: 'manifest.json',
  records: 'keypairs.1.jsonl',
  index: 'keypairs.1.index',
  journal: 'journal.1.jsonl',
} as const
type Part = keyof typeof files
const parts = Object.keys(files) as Part[]

/** Bytes of a journal behind a snapshot, and what each revision looks like. */
interface Sample extends Readonly<Record<Part, Buffer>> {
  readonly states: ReadonlyMap<number, unknown>
}

const snapshotRevision = 3
const transactions = 60
const place = /journal\.1\.jsonl line \d+/

async function aSample(directory: string): Promise<Sample> {
  const store = openJsonStore({ directory, fs: systemFs, clock: systemClock })
  const states = new Map<number, unknown>()
  for (let n = 0; n < transactions; n += 1) {
    await (n % 4 === 3 ? renameKeypair(store, 'k0', `name ${n}`) : addKeypair(store, `k${n}`))
    if (n === snapshotRevision - 1) await store.compact({ force: true })
    const contents = await contentsOf(store)
    states.set(contents.revision, contents)
  }
  await store.close()
  const file = (part: Part) => readFileSync(join(directory, files[part]))
  return { manifest: file('manifest'), records: file('records'), index: file('index'), journal: file('journal'), states }
}

type Damage = Partial<Record<Part, Buffer>>
/** What may come of it: an earlier revision, a refusal, or either. */
type Expected = 'earlier' | 'refused' | 'either'

interface Experiment {
  readonly damage: (sample: Sample) => Damage
  readonly expected: Expected
  /** The refusal names a line of the journal. */
  readonly named?: boolean
}

function flipped(bytes: Buffer, bit: number): Buffer {
  const copy = Buffer.from(bytes)
  copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7))
  return copy
}

function linesEdited(sample: Sample, edit: (lines: string[]) => void): Damage {
  const lines = sample.journal.toString('utf8').split('\n').slice(0, -1)
  edit(lines)
  return { journal: Buffer.from(`${lines.join('\n')}\n`) }
}

const edits: Readonly<Record<string, (lines: string[], at: number) => void>> = {
  doubled: (lines, at) => void lines.splice(at, 0, lines[at] ?? ''),
  dropped: (lines, at) => void lines.splice(at, 1),
  'swapped with the next': (lines, at) => void lines.splice(at, 2, lines[at + 1] ?? '', lines[at] ?? ''),
  zeroed: (lines, at) => void lines.splice(at, 1, '\0'.repeat(512)),
}

function experimentsOn(sample: Sample): Map<string, Experiment> {
  const all = new Map<string, Experiment>()
  const lineCount = sample.journal.filter((byte) => byte === 10).length
  const firstLine = sample.journal.indexOf(10)
  for (let size = firstLine + 1; size < sample.journal.length; size += 1)
    all.set(`the journal cut after ${size} bytes`, {
      damage: ({ journal }) => ({ journal: journal.subarray(0, size) }),
      expected: 'earlier',
    })
  for (const part of parts)
    for (let bit = 0; bit < sample[part].length * 8; bit += 1)
      if (!isUnread(sample, part, bit >> 3))
        all.set(`bit ${bit} of the ${part} flipped`, {
          damage: (whole) => ({ [part]: flipped(whole[part], bit) }),
          expected: part === 'journal' ? 'either' : 'refused',
          named: part === 'journal',
        })
  // The last line has none behind it: without it, or doubled at the end, is what a cut leaves or a refusal.
  for (const [what, edit] of Object.entries(edits))
    for (let at = 1; at < lineCount - 2; at += 1)
      all.set(`line ${at + 1} of the journal ${what}`, {
        damage: (whole) => linesEdited(whole, (lines) => edit(lines, at)),
        expected: 'refused',
        named: true,
      })
  return all
}

/** The first record is not read: the journal has a newer one. A newline behind a record is no part of it. */
const isUnread = ({ records }: Sample, part: Part, byte: number) =>
  part === 'records' && (byte < records.indexOf(10) || records[byte] === 10)

async function experiment(
  directory: string,
  sample: Sample,
  { damage, expected, named }: Experiment,
  trial: Trial,
): Promise<void> {
  const damaged = { ...sample, ...damage(sample) }
  for (const part of parts) writeFileSync(join(directory, files[part]), damaged[part], { mode: 0o600 })
  trial.fired()
  const store = openJsonStore({ directory, fs: systemFs, clock: systemClock })
  const seen = await contentsOf(store).catch((error: unknown) => error)
  const findings: string[] = []
  if (seen instanceof Fault) findings.push(...refusalFindings(seen, expected, named))
  else if (seen instanceof Error) findings.push(`SAFE ${seen.stack}`)
  else findings.push(...stateFindings(seen, sample, expected))
  if (seen instanceof Fault) findings.push(...(await untouched(directory, damaged, store)))
  else if (expected === 'earlier') findings.push(...(await goesOn(store)))
  await store.close()
  trial.checked()
  trial.judge(['REV', 'SAFE'], findings)
}

function refusalFindings({ kind, message }: Fault, expected: Expected, named: boolean | undefined): string[] {
  if (expected === 'earlier') return [`REV a cut was refused: ${message}`]
  if (!['internal', 'unsupported'].includes(kind)) return [`SAFE refused as ${kind}: ${message}`]
  return named && !place.test(message) ? [`SAFE the refusal names no line: ${message}`] : []
}

function stateFindings(seen: unknown, { states }: Sample, expected: Expected): string[] {
  if (expected === 'refused') return ['REV damage went unnoticed']
  const revision = (seen as { revision: number }).revision
  return isDeepStrictEqual(seen, states.get(revision)) ? [] : [`REV revision ${revision} was never so`]
}

/** After a cut the next transaction is written, and there when the directory is opened again. */
async function goesOn(store: JsonStore): Promise<string[]> {
  const before = (await contentsOf(store)).revision
  await addKeypair(store, 'after')
  const after = (await contentsOf(store)).revision
  return after === before + 1 ? [] : [`REV revision ${after} follows ${before}`]
}

/**
 * A refused directory keeps every byte that it had, and the check says what is wrong. A snapshot is read where it is needed: with
 * a record of it damaged, other records may still be written; with a line of the journal none may.
 */
async function untouched(directory: string, damaged: Sample, store: JsonStore): Promise<string[]> {
  const wrote = await addKeypair(store, 'x').then(
    () => true,
    () => false,
  )
  const changed = parts.filter((part) => {
    const now = readFileSync(join(directory, files[part]))
    return !now.subarray(0, part === 'journal' && wrote ? damaged.journal.length : undefined).equals(damaged[part])
  })
  const { problems } = await verifyJournal(directory, systemFs)
  const mayWrite = problems.every(({ file }) => !file.includes('journal'))
  return [
    ...(wrote && !mayWrite ? ['ACK a damaged journal took a transaction'] : []),
    ...changed.map((part) => `REV ${files[part]} was overwritten`),
    ...(problems.length === 0 ? ['REV the check of the journal finds nothing'] : []),
  ]
}

export const journalBytes: Row = {
  id: 'R4',
  title: 'bytes of the state directory cut, flipped, doubled, dropped, swapped, zeroed',
  runs: { t1: 200, t2: 20_000, t3: 'every' },
  floor: { fired: 1, checked: 1 },
  async open() {
    const directory = mkdtempSync(join(tmpdir(), 'nk-'))
    const sample = await aSample(directory)
    const experiments = experimentsOn(sample)
    rmSync(directory, { recursive: true })
    const scratch = mkdtempSync(join(tmpdir(), 'nk-'))
    return {
      cases: [...experiments.keys()],
      async run(name, trial) {
        const one = experiments.get(name)
        if (one) await experiment(scratch, sample, one, trial)
      },
      close: async () => rmSync(scratch, { recursive: true, force: true }),
    }
  },
}
