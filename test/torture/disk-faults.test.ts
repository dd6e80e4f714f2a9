import { existsSync, rmSync, statfsSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { CliResult } from '../support/cli.ts'
import { smallDisk } from '../support/small-disk.ts'
import { oneThread as env, injecting, pointsOf } from '../support/system-calls.ts'
import { type TortureState, tortureState } from '../support/torture-state.ts'

let world: TortureState
let serial = 0
const newBoot = () => `boot f-${++serial} --flavor m1.tiny`

/** One line says what is wrong, and the exit code its kind; no stack. */
function expectOneLine({ code, stderr }: CliResult, reason: RegExp): void {
  expect(code, stderr).toBe(1)
  const errors = stderr.split('\n').filter((line) => line.startsWith('error:'))
  expect(errors).toEqual([expect.stringMatching(reason)])
  expect(stderr).not.toMatch(/^\s+at /m)
}

/** Whatever was refused: what was acknowledged is there, reads go on, and the next command works. */
async function expectWhole(acknowledged: readonly string[], when: string): Promise<void> {
  expect(await world.run('list --json'), when).toMatchObject({ code: 0 })
  const next = await world.run(`${newBoot()} --json`, { timeoutMs: 20_000 })
  expect(next.code, `${when}: ${next.stderr}`).toBe(0)
  expect(await world.findings({ booted: acknowledged, deleted: [] }), when).toEqual([])
}

describe.skipIf(!smallDisk.isPossible)('a full disk (needs root to mount a tmpfs)', () => {
  const disk = smallDisk()
  beforeEach(async () => {
    world = await tortureState({ directory: disk.mount('3m') })
  })
  afterEach(() => disk.unmount())

  it('refuses a boot with path and reason, loses nothing, and goes on when there is room', async () => {
    const first = await world.run(`${newBoot()} --json`)
    const { id } = JSON.parse(first.stdout) as { id: string }
    const filler = join(world.state, 'filler')
    const { bavail, bsize } = statfsSync(world.state)
    writeFileSync(filler, Buffer.alloc(bavail * bsize))
    for (let round = 0; round < 3; round += 1)
      expectOneLine(await world.run(newBoot()), /^error: \/.*journal\.0\.jsonl: no space left on device \(\d+ bytes needed\)/)
    expectOneLine(await world.run(`delete ${id}`), /no space left on device/)
    expect(JSON.parse((await world.run('list --json')).stdout)).toMatchObject([{ id, status: 'ACTIVE' }])
    expect(existsSync(filler)).toBe(true)
    rmSync(filler)
    await expectWhole([id], 'after the disk was full')
  })
})

describe('a disk that fails at one call', () => {
  beforeEach(async () => {
    world = await tortureState()
  })
  afterEach(() => world.cleanup())

  const journal = () => join(world.state, 'journal.0.jsonl')
  /** How often a boot makes this call on the journal. */
  const countOf = async (call: string) => {
    const points = await pointsOf(world.state, (under) => world.run(newBoot(), { under, env }), call)
    return points.filter(({ path }) => path === journal()).length
  }
  /** Boots with `what` at the n-th of these calls. */
  const boot = (call: string, nth: number, what: string, forever = false) =>
    world.run(newBoot(), { under: injecting({ call, nth }, what, { forever, onlyOn: journal() }), env })

  it.each([
    ['ENOSPC', /no space left on device/],
    ['EDQUOT', /disk quota exceeded/],
  ])('%s: nothing half, nothing lost, the next command mends it', async (errno, reason) => {
    const count = await countOf('write')
    expect(count).toBeGreaterThanOrEqual(6)
    for (const nth of [1, 4, count]) {
      expectOneLine(await boot('write', nth, `error=${errno}`), reason)
      await expectWhole([], `${errno} at write ${nth}`)
    }
  })

  it('a write that ends half-way is taken back', async () => {
    for (const bytes of [3, 1000, 5000]) {
      const limit = statSync(journal()).size + bytes
      expectOneLine(
        await world.run(newBoot(), { under: ['prlimit', `--fsize=${limit}`] }),
        /journal\.0\.jsonl cannot be written: EFBIG/,
      )
      await expectWhole([], `${bytes} bytes were written`)
    }
  })

  it('a failed fsync is not acknowledged, and not tried again', async () => {
    const count = await countOf('fdatasync')
    expect(count).toBeGreaterThanOrEqual(6)
    for (const nth of [1, 3, count]) {
      for (const forever of [false, true]) {
        expectOneLine(await boot('fdatasync', nth, 'error=EIO', forever), /may not be on the disk: fsync failed with EIO/)
        await expectWhole([], `EIO at fdatasync ${nth}${forever ? ' and later' : ''}`)
      }
    }
  })
})
