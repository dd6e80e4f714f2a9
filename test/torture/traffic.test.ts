import { describe, expect, it } from 'vitest'
import { create } from '../../src/actions/server/create.ts'
import { pause } from '../../src/actions/server/pause.ts'
import { reboot } from '../../src/actions/server/reboot.ts'
import { aCloud } from '../support/a-cloud.ts'
import { performed } from '../support/a-context.ts'
import { findingsOf } from '../support/broken-steps.ts'
import { fc } from '../support/property.ts'
import { passed } from '../support/turns.ts'
import { traffic } from './arbitrary-traffic.ts'
import { runTraffic, smallCloud } from './small-cloud.ts'

const runs = Number(process.env.TRAFFIC_RUNS ?? 250)
/** Of a failure that is looked at again. */
const replay = process.env.TRAFFIC_PATH === undefined ? {} : { path: process.env.TRAFFIC_PATH }

describe('several processes on one cloud', () => {
  it('end with every invariant kept, whatever fails, whoever dies, in whatever order', async () => {
    const tally = { died: 0, acknowledged: 0, refused: 0 }
    await fc.assert(
      fc.asyncProperty(traffic, async (chosen) => {
        const cloud = await smallCloud(chosen.delays)
        await runTraffic(cloud, chosen, tally)
        expect(await findingsOf(cloud, { hostsWereSilent: true })).toEqual([])
      }),
      { numRuns: runs, endOnFailure: true, ...replay },
    )
    // A run that was too tame proves nothing.
    expect(tally.died).toBeGreaterThanOrEqual(runs / 2)
    expect(tally.acknowledged).toBeGreaterThanOrEqual(runs)
    expect(tally.refused).toBeGreaterThanOrEqual(runs / 2)
  })

  it('reboot hard what is just being paused: only the reboot goes on', async () => {
    const cloud = await smallCloud([12])
    await performed(create, { name: 'v1', image: 'cirros', flavor: 'm1.small' }, cloud.context)
    const paused = performed(pause, { servers: ['v1'] }, cloud.process(7)).catch((error: unknown) => error)
    const openFlows = () => cloud.context.store.read((reader) => reader.list('flows', { where: { open: true } }))
    await passed(async () => (await openFlows()).length === 1)
    await performed(reboot, { servers: ['v1'], hard: true }, cloud.process(8))
    expect(await paused).toMatchObject({ kind: 'conflict' })
    expect(await findingsOf(cloud)).toEqual([])
  })

  it('boot with one idempotency key at once: one server for all', async () => {
    const cloud = await aCloud()
    const input = { name: 'web-1', image: 'cirros', flavor: 'm1.tiny', idempotencyKey: 'k-1' }
    const boots = Array.from({ length: 5 }, (_, index) => performed(create, input, cloud.process(10 + index)))
    const servers = (await Promise.all(boots)) as { id: string }[]
    expect(new Set(servers.map(({ id }) => id)).size).toBe(1)
  })
})
