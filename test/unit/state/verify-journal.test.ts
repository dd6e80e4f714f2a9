import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { verifyJournal } from '../../../src/state/json/verify-journal.ts'
import { systemFs } from '../../../src/system/fs.ts'
import { aDirectory, addKeypair, aStore, contentsOf } from './store-for-tests.ts'

/** Three segments: revisions 1–2, 3–4 and 5–6. */
async function aDirectoryWithSegments(): Promise<string> {
  const directory = aDirectory()
  const store = aStore(directory)
  for (let n = 1; n <= 6; n += 1) {
    await addKeypair(store, `k${n}`)
    if (n === 2 || n === 4) await store.compact({ force: true })
  }
  await store.close()
  return directory
}

describe('verifyJournal', () => {
  it('finds nothing wrong with a whole directory', async () => {
    const directory = await aDirectoryWithSegments()
    expect(await verifyJournal(directory, systemFs)).toEqual({
      problems: [],
      survives: [[1, 6]],
      snapshotRevision: 4,
      tornBytes: 0,
      segments: 3,
    })
  })

  it('names a missing segment and what survives around it', async () => {
    const directory = await aDirectoryWithSegments()
    rmSync(join(directory, 'history', 'journal.1.jsonl.gz'))
    const report = await verifyJournal(directory, systemFs)
    expect(report.problems.map(({ file }) => file)).toContain(join(directory, 'journal.1.jsonl'))
    expect(report).toMatchObject({
      snapshotRevision: 4,
      survives: [
        [1, 2],
        [5, 6],
      ],
    })
  })

  it('counts a torn end without calling it a problem', async () => {
    const directory = await aDirectoryWithSegments()
    const journal = join(directory, 'journal.2.jsonl')
    writeFileSync(journal, readFileSync(journal).subarray(0, -4))
    const report = await verifyJournal(directory, systemFs)
    expect(report.problems).toEqual([])
    expect(report.survives).toEqual([[1, 5]])
    expect(report.tornBytes).toBeGreaterThan(0)
  })

  it('notices a manifest that was replaced by an older one', async () => {
    const directory = aDirectory()
    const store = aStore(directory)
    await addKeypair(store, 'a')
    await store.compact({ force: true })
    const manifest = readFileSync(join(directory, 'manifest.json'))
    await addKeypair(store, 'b')
    await store.compact({ force: true })
    await store.close()
    writeFileSync(join(directory, 'manifest.json'), manifest)
    expect((await verifyJournal(directory, systemFs)).problems.length).toBeGreaterThan(0)
    await expect(contentsOf(aStore(directory))).rejects.toMatchObject({
      kind: 'internal',
      message: expect.stringMatching(/keypairs\.1\.jsonl is missing/),
    })
  })
})

describe('a copy made while the state is written', () => {
  it('opens at a revision that was acknowledged, or says why not', async () => {
    const directory = aDirectory()
    const store = aStore(directory)
    await addKeypair(store, 'k0')
    let opened = 0
    for (let round = 0; round < 12; round += 1) {
      const writing = Promise.all(Array.from({ length: 20 }, (_, n) => addKeypair(store, `k${round}-${n}`)))
      const compacting = round % 3 === 2 ? store.compact({ force: true }) : undefined
      const copy = join(aDirectory(), 'copy')
      await new Promise(setImmediate)
      cpSync(directory, copy, { recursive: true })
      await Promise.all([writing, compacting])
      try {
        const { revision, keypairs } = await contentsOf(aStore(copy))
        expect(keypairs).toHaveLength(revision)
        expect(await contentsOf(store, { revision })).toEqual({ revision, keypairs })
        opened += 1
      } catch (error) {
        expect(error).toMatchObject({ name: 'Fault', kind: 'internal' })
      }
    }
    expect(opened).toBeGreaterThan(3)
  })
})
