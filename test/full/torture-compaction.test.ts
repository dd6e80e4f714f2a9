import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openJsonStore } from '../../src/state/json/json-store.ts'
import { systemClock } from '../../src/system/clock.ts'
import { systemFs } from '../../src/system/fs.ts'
import { nova } from '../support/cli.ts'
import { injecting, oneThread, type Point, pointsOf } from '../support/system-calls.ts'
import { type TortureState, tortureState } from '../support/torture-state.ts'

const script = fileURLToPath(new URL('../torture/compact-process.ts', import.meta.url))
let world: TortureState
let scratch: string

beforeAll(async () => {
  scratch = mkdtempSync(join(tmpdir(), 'nk-'))
  world = await tortureState()
  for (const name of ['a', 'b', 'c']) expect(await world.run(`boot ${name} --flavor m1.tiny`)).toMatchObject({ code: 0 })
  compact(world.state)
  expect(await world.run('delete b')).toMatchObject({ code: 0 })
})
afterAll(() => {
  world.cleanup()
  rmSync(scratch, { recursive: true, force: true })
})

function compact(state: string, under: readonly string[] = []) {
  const [file = '', ...args] = [...under, process.execPath, '--import', 'tsx', script, state]
  const env = { ...process.env, ...oneThread, NODE_EXTRA_CA_CERTS: '' }
  return spawnSync(file, args, { env, timeout: 60_000, encoding: 'utf8' })
}

let copies = 0
function aCopy(): string {
  const copy = join(scratch, `${++copies}`)
  cpSync(world.state, copy, { recursive: true })
  return copy
}

async function contentsOf(directory: string) {
  const store = openJsonStore({ directory, fs: systemFs, clock: systemClock, readOnly: true })
  const contents = await store.read(async (reader) => ({
    revision: reader.revision,
    servers: await reader.list('servers'),
    flows: await reader.list('flows'),
  }))
  await store.close()
  return contents
}

/** The calls on one file numbered among themselves: node's own noise does not count. */
function byFile(points: readonly Point[]): Point[] {
  const counts = new Map<string, number>()
  return points.map((point) => {
    const key = `${point.call} ${point.path}`
    counts.set(key, (counts.get(key) ?? 0) + 1)
    return { ...point, nth: counts.get(key) ?? 1 }
  })
}

describe('kill -9 of a process that writes a snapshot', () => {
  it('at every changing call loses nothing, and the next snapshot is whole', async () => {
    const before = await contentsOf(world.state)
    const traced = aCopy()
    const points = byFile(await pointsOf(traced, async (under) => compact(traced, under)))
    expect(points.length).toBeGreaterThanOrEqual(20)
    let killed = 0
    for (const point of points) {
      const copy = aCopy()
      const onlyOn = point.path.replace(traced, copy)
      if (compact(copy, injecting(point, 'signal=SIGKILL', { onlyOn })).signal === 'SIGKILL') killed += 1
      const when = `${point.call} ${point.nth} on ${onlyOn}`
      expect(await contentsOf(copy), when).toEqual(before)
      expect(await nova(['quota', 'set', '--instances', '7'], { state: copy, timeoutMs: 20_000 }), when).toMatchObject({
        code: 0,
      })
      expect(compact(copy), when).toMatchObject({ status: 0 })
      expect(await contentsOf(copy), when).toEqual({ ...before, revision: before.revision + 1 })
    }
    expect(killed).toBeGreaterThanOrEqual(Math.floor(points.length * 0.85))
  })
})
