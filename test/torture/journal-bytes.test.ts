/** Cuts and flips in a journal: an earlier revision or a refusal that names the place, never a silently different state. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { Fault } from '../../src/core/fault.ts'
import { verifyJournal } from '../../src/state/json/verify-journal.ts'
import { systemFs } from '../../src/system/fs.ts'
import { aDirectory, addKeypair, aStore, contentsOf, renameKeypair } from '../unit/state/store-for-tests.ts'

/** Bytes of a journal of 12 revisions behind a snapshot of 3, and what each revision looks like. */
interface Sample {
  readonly manifest: Buffer
  readonly records: Buffer
  readonly index: Buffer
  readonly journal: Buffer
  readonly states: ReadonlyMap<number, unknown>
}

let sample: Sample

async function aSample(): Promise<Sample> {
  const directory = aDirectory()
  const store = aStore(directory)
  const states = new Map<number, unknown>()
  const keep = async () => {
    const contents = await contentsOf(store)
    states.set(contents.revision, contents)
  }
  for (let n = 0; n < 15; n += 1) {
    await (n % 4 === 3 ? renameKeypair(store, 'k0', `name ${n}`) : addKeypair(store, `k${n}`))
    if (n === 2) await store.compact({ force: true })
    await keep()
  }
  const file = (name: string) => readFileSync(join(directory, name))
  return {
    manifest: file('manifest.json'),
    records: file('keypairs.1.jsonl'),
    index: file('keypairs.1.index'),
    journal: file('journal.1.jsonl'),
    states,
  }
}

/** A directory with the sample, some files replaced; pass one to use it again. */
function damaged(over: Partial<Sample>, directory = aDirectory()): string {
  const { manifest, records, index, journal } = { ...sample, ...over }
  for (const [name, bytes] of Object.entries({
    'manifest.json': manifest,
    'keypairs.1.jsonl': records,
    'keypairs.1.index': index,
    'journal.1.jsonl': journal,
  })) {
    writeFileSync(join(directory, name), bytes, { mode: 0o600 })
  }
  return directory
}

/** Opens, and checks that what is seen was once true; returns the revision, or the place that the refusal names. */
async function opened(directory: string): Promise<number | string> {
  const store = aStore(directory)
  try {
    const contents = await contentsOf(store)
    expect(contents).toEqual(sample.states.get(contents.revision))
    return contents.revision
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    expect(error.kind).toMatch(/internal|unsupported/)
    return error.message
  } finally {
    await store.close()
  }
}

const flipped = (bytes: Buffer, bit: number) => {
  const copy = Buffer.from(bytes)
  copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7))
  return copy
}

describe('a damaged state directory', () => {
  it('opens at an earlier revision when cut at any byte of its last records', async () => {
    sample = await aSample()
    const directory = aDirectory()
    let earlier = 15
    const lines = [...sample.journal.keys()].filter((at) => sample.journal[at] === 10)
    for (let size = sample.journal.length; size >= (lines.at(-6) ?? 0); size -= 1) {
      const revision = await opened(damaged({ journal: sample.journal.subarray(0, size) }, directory))
      expect([size, typeof revision]).toEqual([size, 'number'])
      expect(Number(revision)).toBeLessThanOrEqual(earlier)
      earlier = Number(revision)
    }
    expect(earlier).toBe(9)
  })

  it('goes on after a cut in the last record (every 5th byte)', async () => {
    sample = await aSample()
    const lastStart = sample.journal.lastIndexOf(10, sample.journal.length - 2) + 1
    for (let size = lastStart + 1; size < sample.journal.length; size += 5) {
      const notices: string[] = []
      const directory = damaged({ journal: sample.journal.subarray(0, size) })
      const store = aStore(directory, { notice: (message) => notices.push(message) })
      await addKeypair(store, 'after')
      expect(notices).toHaveLength(1)
      expect((await contentsOf(aStore(directory))).revision).toBe(15)
      await store.close()
    }
  })

  it('never shows a state that was not when a bit of the journal flips (every 41st)', async () => {
    sample = await aSample()
    const directory = aDirectory()
    let refused = 0
    for (let bit = 0; bit < sample.journal.length * 8; bit += 41) {
      const outcome = await opened(damaged({ journal: flipped(sample.journal, bit) }, directory))
      if (typeof outcome === 'string') {
        expect(outcome).toMatch(/journal\.1\.jsonl line \d+/)
        refused += 1
      }
    }
    expect(refused).toBeGreaterThan(100)
  })

  it.each(['manifest', 'records', 'index'] as const)('refuses a flipped bit of the %s (every 7th)', async (part) => {
    sample = await aSample()
    const directory = aDirectory()
    for (let bit = 0; bit < sample[part].length * 8; bit += 7) {
      const byte = bit >> 3
      // The first record is not read: the journal has a newer one. A newline behind a record is no part of it.
      if (part === 'records' && (byte < sample.records.indexOf(10) || sample.records[byte] === 10)) continue
      expect([bit, typeof (await opened(damaged({ [part]: flipped(sample[part], bit) }, directory)))]).toEqual([bit, 'string'])
    }
  })

  it('refuses lines that were doubled, dropped, swapped or replaced, and overwrites nothing', async () => {
    sample = await aSample()
    const lines = sample.journal.toString('utf8').split('\n').slice(0, -1)
    const withLines = (edit: (copy: string[]) => void) => {
      const copy = [...lines]
      edit(copy)
      return damaged({ journal: Buffer.from(`${copy.join('\n')}\n`) })
    }
    const cases: [string, string][] = [
      ['doubled', withLines((copy) => copy.splice(4, 0, copy[4] ?? ''))],
      ['dropped', withLines((copy) => copy.splice(4, 1))],
      ['swapped', withLines((copy) => copy.splice(4, 2, copy[5] ?? '', copy[4] ?? ''))],
      ['without header', withLines((copy) => copy.shift())],
      ['zeroed', withLines((copy) => copy.splice(4, 1, '\0'.repeat(64)))],
    ]
    for (const [what, directory] of cases) {
      const before = readFileSync(join(directory, 'journal.1.jsonl'))
      expect([what, await opened(directory)]).toEqual([what, expect.stringMatching(/journal\.1\.jsonl line \d+/)])
      await expect(addKeypair(aStore(directory), 'x')).rejects.toMatchObject({ kind: 'internal' })
      expect(readFileSync(join(directory, 'journal.1.jsonl'))).toEqual(before)
      const report = await verifyJournal(directory, systemFs)
      expect(report.problems.length).toBeGreaterThan(0)
      expect(report.snapshotRevision).toBe(3)
    }
  })
})
