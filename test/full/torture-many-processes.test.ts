import { setInterval as ticks } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { RunningCli } from '../support/cli.ts'
import { type TortureState, tortureState } from '../support/torture-state.ts'
import { crowd, crowdFindings } from '../torture/crowd.ts'
import { watchState } from '../torture/watchful-reader.ts'

const killEveryMs = 200

let world: TortureState
beforeEach(async () => {
  world = await tortureState()
})
afterEach(() => world.cleanup())

/** Kills a random one of the processes that run, again and again. */
function killer() {
  const running = new Set<RunningCli>()
  const stopped = new AbortController()
  const loop = async () => {
    for await (const _ of ticks(killEveryMs, undefined, { signal: stopped.signal }))
      [...running][Math.floor(Math.random() * running.size)]?.kill()
  }
  const done = loop().catch(() => undefined)
  return {
    watch(process: RunningCli) {
      running.add(process)
      void process.ended.finally(() => running.delete(process)).catch(() => undefined)
    },
    async stop() {
      stopped.abort()
      await done
    },
  }
}

describe('a crowd of processes of which one dies every 200 ms', () => {
  it('loses nothing that was acknowledged, doubles nothing and leaves nothing', async () => {
    const watches = [watchState(world.state), watchState(world.state)]
    const death = killer()
    // Every third is in danger: on two cores the killer is faster than the crowd.
    let started = 0
    const result = await crowd(world, { clients: 200, atOnce: 32 }, (process) => {
      started += 1
      if (started % 3 === 0) death.watch(process)
    })
    await death.stop()
    const seen = await Promise.all(watches.map((watch) => watch.stop()))
    expect(await world.run('operation resume')).toMatchObject({ code: 0 })
    expect(await crowdFindings(world, result)).toEqual([])
    expect(seen.flatMap((watch) => watch.findings)).toEqual([])
    // Only what a killed command or the crowd explains: busy, never made, or too long a queue for the lock.
    expect(result.failures.filter((line) => !/^[378]:/.test(line))).toEqual([])
    expect(result.killed).toBeGreaterThanOrEqual(50)
    expect(result.acknowledged).toBeGreaterThanOrEqual(200)
  })
})
