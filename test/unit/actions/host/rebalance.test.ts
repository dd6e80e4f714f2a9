import { describe, expect, it } from 'vitest'
import { rebalance } from '../../../../src/actions/host/rebalance.ts'
import { create } from '../../../../src/actions/server/create.ts'
import { lock } from '../../../../src/actions/server/lock.ts'
import type { MoveRow } from '../../../../src/actions/server/move-each.ts'
import { stop } from '../../../../src/actions/server/stop.ts'
import type { Cloud } from '../../../support/a-cloud.ts'
import { recordsOf } from '../../../support/a-context.ts'
import { findingsOf } from '../../../support/broken-steps.ts'
import { aFullHost, command, withoutLive } from '../../../support/full-host.ts'
import { limited } from '../../../support/moved-server.ts'

const names = ['s-1', 's-2', 's-3', 's-4', 's-5', 's-6']
const even = { tolerance: 0.01 }

/** Six servers of 16 GiB on host-a, the first three stopped; the two other hosts are empty. */
async function aLopsidedCloud(): Promise<Cloud> {
  const cloud = await aFullHost([])
  await limited(cloud.context, ['cores', 100], ['ram', 1_000_000])
  for (const name of names)
    await command(create, { name, image: 'cirros', flavor: 'm1.xlarge', availabilityZone: ':host-a' }, cloud.context)
  await command(stop, { servers: ['s-1', 's-2', 's-3'] }, cloud.context)
  return cloud
}

const hostsOf = async ({ context }: Cloud) =>
  Object.fromEntries((await recordsOf(context.store, 'servers')).map(({ name, host }) => [name, host]))

describe('a rebalance', () => {
  it('moves stopped servers alone where none moves live, and leaves them stopped', async () => {
    const cloud = await aLopsidedCloud()
    const rows = (await command(rebalance, even, withoutLive(cloud.context))) as MoveRow[]
    expect(rows.map(({ result }) => result)).toEqual(['moved', 'moved', 'moved'])
    const records = await recordsOf(cloud.context.store, 'servers')
    expect(records.filter(({ host }) => host !== 'host-a').map(({ name, vmState }) => [name, vmState])).toEqual([
      ['s-1', 'stopped'],
      ['s-2', 'stopped'],
      ['s-3', 'stopped'],
    ])
    expect(await findingsOf(cloud)).toEqual([])
  })

  it('moves running ones live', async () => {
    const cloud = await aLopsidedCloud()
    await command(lock, { server: 's-1' }, cloud.context)
    const rows = (await command(rebalance, even, cloud.context)) as MoveRow[]
    expect(rows.map(({ result }) => result)).toEqual(Array(4).fill('moved'))
    expect(rows.map(({ how }) => how)).toEqual(expect.arrayContaining(['live', 'cold']))
    expect(await findingsOf(cloud)).toEqual([])
  })

  it('moves running ones with --cold where none moves live, until the hosts are even, and then nothing more', async () => {
    const cloud = await aLopsidedCloud()
    await command(lock, { server: 's-1' }, cloud.context)
    expect(await command(rebalance, { ...even, cold: true }, withoutLive(cloud.context))).toHaveLength(4)
    const hosts = await hostsOf(cloud)
    for (const host of ['host-a', 'host-b', 'host-c']) expect(Object.values(hosts).filter((one) => one === host)).toHaveLength(2)
    expect(hosts['s-1']).toBe('host-a')
    expect(await command(rebalance, { ...even, cold: true }, cloud.context)).toEqual([])
    expect(await findingsOf(cloud)).toEqual([])
  })

  it('in a plan shows the spread and each move, and changes nothing', async () => {
    const cloud = await aLopsidedCloud()
    const before = await hostsOf(cloud)
    const planned = await cloud.planning()
    const start = planned.events.length
    await command(rebalance, even, withoutLive(planned))
    const steps = planned.events
      .slice(start)
      .flatMap((event) => (event.type === 'step' && event.flow === 'rebalance' ? [event.step] : []))
    expect(steps[0]).toMatch(
      /^3 moves; mean 8\.3 %, farthest host 16\.7 % from it before, 4\.2 % after; no move that the filters allow/,
    )
    expect(steps.slice(1)).toHaveLength(3)
    expect(steps[1]).toMatch(/^s-\d to host-[bc] \(cold\)$/)
    expect(await hostsOf(cloud)).toEqual(before)
  })
})
