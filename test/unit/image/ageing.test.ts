import { randomBytes } from 'node:crypto'
import { mkdirSync, utimesSync, writeFileSync } from 'node:fs'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { openImageStore } from '../../../src/image/store.ts'
import { systemRandom } from '../../../src/system/random.ts'
import { hostDirectory, realTime } from '../../support/host-directory.ts'

const day = 24 * 3600 * 1000
let test: ReturnType<typeof hostDirectory>
let ahead: number
beforeEach(() => {
  test = hostDirectory()
  ahead = 0
})
afterEach(() => test.cleanup())

it('calls files old that have been there for a day, whatever times they were given', async () => {
  const directory = `${test.root}/images`
  const clock = { ...realTime, wall: () => Date.now() + ahead }
  const store = openImageStore({ directory, clock, random: systemRandom })
  expect(await store.old()).toEqual([])
  mkdirSync(directory, { mode: 0o700 })
  const digest = randomBytes(32).toString('hex')
  for (const name of [digest, 'incoming-1', 'notes.txt']) writeFileSync(`${directory}/${name}`, name)
  // As a copy with the times of another machine's file.
  utimesSync(store.path(digest), 1, 1)
  expect(await store.old()).toEqual([])
  ahead = day + 60_000
  expect(await store.old()).toEqual([digest])
  await store.touch(digest)
  expect(await store.old()).toEqual([digest])
})
