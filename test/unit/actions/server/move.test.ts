/** What is checked before a move begins, what it claims while it is open, and how its record is seen. */
import { describe, expect, it } from 'vitest'
import { list as listHosts } from '../../../../src/actions/host/list.ts'
import { remove as removeHost } from '../../../../src/actions/host/remove.ts'
import { list as listMigrations } from '../../../../src/actions/migration/list.ts'
import { show as showMigration } from '../../../../src/actions/migration/show.ts'
import { confirm } from '../../../../src/actions/server/confirm.ts'
import { confirmExpired } from '../../../../src/actions/server/confirm-expired.ts'
import { create } from '../../../../src/actions/server/create.ts'
import { migrate } from '../../../../src/actions/server/migrate.ts'
import { resetState } from '../../../../src/actions/server/reset-state.ts'
import { resize } from '../../../../src/actions/server/resize.ts'
import { revert } from '../../../../src/actions/server/revert.ts'
import { fleetOf } from '../../../../src/flows/placement.ts'
import { faultOf, mallory, performed, seenBy } from '../../../support/a-context.ts'
import { aServerToMove, limited, withSettings } from '../../../support/moved-server.ts'

const grow = { server: 'web-1', flavor: 'm1.medium' }
const shrink = { server: 'web-1', flavor: 'm1.tiny' }
const all = { servers: ['web-1'] }

describe('a resize is refused', () => {
  it('when a disk would shrink, with both sizes', async () => {
    const { context } = await aServerToMove()
    expect(await faultOf(resize, shrink, context)).toMatchObject({
      kind: 'invalid',
      message: 'flavor m1.tiny has 1 GB of root disk, server web-1 has 20 GB: disks cannot shrink',
    })
  })

  it('to the flavor that it has', async () => {
    const { context } = await aServerToMove()
    const fault = await faultOf(resize, { server: 'web-1', flavor: 'm1.small' }, context)
    expect(fault).toMatchObject({ kind: 'invalid', hint: 'nova migrate web-1 moves it as it is' })
  })

  it('when its growth passes the quota, and counts only the growth', async () => {
    const { context, server } = await aServerToMove()
    await limited(context, ['ram', 4095])
    expect(await faultOf(resize, grow, context)).toMatchObject({ kind: 'over-quota', details: { used: 2048, wanted: 2048 } })
    expect(await server()).toMatchObject({ vmState: 'active', taskState: null })
  })

  it.each([
    [[['hw_firmware_type', 'uefi']], 'has UEFI variables, which libvirt keeps on host host-a'],
    [[['hw_tpm_version', '2.0']], 'has a TPM, which'],
  ] as const)('before its guest is stopped for what libvirt keeps elsewhere: %j', async (properties, words) => {
    const { context, moves } = await aServerToMove()
    await context.store.transaction({ actor: 'test', request: 'req-0', action: 'given' }, async (tx) => {
      for (const host of await tx.list('hosts')) await tx.update('hosts', { ...host, driver: 'libvirt' })
      for (const image of await tx.list('images'))
        await tx.update('images', { ...image, properties: properties.map(([key, value]) => [key, value]) })
    })
    const fault = await faultOf(resize, grow, context)
    expect(fault).toMatchObject({ kind: 'unsupported', message: expect.stringContaining(words) })
    expect(await moves()).toEqual([])
  })

  it('when there is no other host, and says which setting would allow it', async () => {
    const { context } = await aServerToMove(['host-a'])
    expect(await faultOf(resize, grow, context)).toMatchObject({
      kind: 'no-valid-host',
      message: 'server web-1 is on host host-a: there is no other host',
      hint: expect.stringContaining('allowResizeToSameHost'),
    })
  })

  it('when no other host passes the filters, host by host', async () => {
    const { context, moves } = await aServerToMove()
    const fault = await faultOf(resize, grow, withSettings(context, { ramAllocationRatio: 0.001 }))
    expect(fault).toMatchObject({ kind: 'no-valid-host', message: expect.stringContaining('web-1') })
    expect(fault.details).toMatchObject({ decision: { verdicts: [{ host: 'host-b' }] } })
    expect(await moves()).toEqual([])
  })

  it('on a host that a member names', async () => {
    const { context } = await aServerToMove()
    const member = { ...context, roles: ['member'] as const }
    expect(await faultOf(resize, { ...grow, host: 'host-b' }, member)).toMatchObject({ kind: 'forbidden' })
    expect(await faultOf(migrate, { server: 'web-1' }, member)).toMatchObject({ kind: 'forbidden' })
  })

  it('while an earlier move is open, whatever was declared since', async () => {
    const { context } = await aServerToMove()
    await performed(resize, grow, context)
    await performed(resetState, { ...all, active: true }, context)
    const fault = await faultOf(resize, { server: 'web-1', flavor: 'm1.large' }, context)
    expect(fault).toMatchObject({ kind: 'conflict', message: 'server web-1 still has a move from host-a to host-b (finished)' })
  })
})

describe('a named host', () => {
  it('is where the server goes', async () => {
    const { context, server } = await aServerToMove(['host-a', 'host-b', 'host-c'])
    await performed(migrate, { server: 'web-1', host: 'host-c' }, context)
    expect(await server()).toMatchObject({ host: 'host-c', vmState: 'resized', flavor: { name: 'm1.small' } })
  })

  it('is refused when the server is on it', async () => {
    const { context } = await aServerToMove()
    expect((await faultOf(migrate, { server: 'web-1', host: 'host-a' }, context)).message).toBe(
      'server web-1 is on host host-a: it cannot move to the host that it is on',
    )
  })
})

describe('an open move', () => {
  it('claims the old flavor on the source and the new one on the destination, until it ends', async () => {
    const { context } = await aServerToMove()
    const claimed = async () => {
      const { candidates } = await context.store.read((reader) => fleetOf(reader, context.settings))
      return candidates.map((candidate) => [candidate.name, candidate.claimed.ram, candidate.claimed.disk])
    }
    await performed(resize, grow, context)
    expect(await claimed()).toEqual([
      ['host-a', 2048, 20],
      ['host-b', 4096, 40],
    ])
    const rows = (await performed(listHosts, {}, context)) as { name: string; memoryMbUsed: number }[]
    expect(rows.map(({ name, memoryMbUsed }) => [name, memoryMbUsed])).toEqual([
      ['host-a', 2048],
      ['host-b', 4096],
    ])
    await performed(confirm, all, context)
    expect(await claimed()).toEqual([
      ['host-a', 0, 0],
      ['host-b', 4096, 40],
    ])
  })

  it('counts the larger flavor in the quota', async () => {
    const { cloud, context } = await aServerToMove()
    await limited(context, ['ram', 6143])
    await performed(resize, grow, context)
    const another = { name: 'web-2', image: 'cirros', flavor: 'm1.small' }
    expect(await faultOf(create, another, cloud.process(2))).toMatchObject({ kind: 'over-quota', details: { used: 4096 } })
    await performed(revert, all, context)
    await performed(create, another, cloud.process(3))
  })

  it('keeps both its hosts known', async () => {
    const { context } = await aServerToMove()
    await performed(resize, grow, context)
    for (const host of ['host-a', 'host-b'])
      expect((await faultOf(removeHost, { hosts: [host] }, context)).message).toContain('web-1')
    await performed(confirm, all, context)
    await performed(removeHost, { hosts: ['host-a'] }, context)
  })

  it('that a killed confirm may have finished can only be confirmed', async () => {
    const { cloud, context, server, findings } = await aServerToMove()
    await performed(resize, grow, context)
    await cloud.misbehave('host-a', [{ call: 'dropAside', mode: 'fail-after' }])
    await faultOf(confirm, all, context)
    await cloud.misbehave('host-a', [])
    expect(await faultOf(revert, all, context)).toMatchObject({ kind: 'conflict', hint: 'nova resize-confirm web-1' })
    await performed(confirm, all, context)
    expect(await server()).toMatchObject({ vmState: 'active', host: 'host-b' })
    expect(await findings()).toEqual([])
  })

  it('is not reverted when the old copy is lost: the other one stays as it is', async () => {
    const { cloud, context, server, running } = await aServerToMove()
    await performed(resize, grow, context)
    const { id } = await server()
    await cloud.hosts.get('host-a')?.remove(`/instances/${id}_resize`)
    expect(await faultOf(revert, all, context)).toMatchObject({
      kind: 'not-found',
      message: expect.stringContaining('lost the copy'),
    })
    expect(await server()).toMatchObject({ vmState: 'resized', host: 'host-b' })
    expect(await running()).toEqual(['host-b'])
  })

  it('can be taken back after reset-state cut it off', async () => {
    const { cloud, context, server, findings } = await aServerToMove()
    void performed(resize, grow, cloud.process(7, { mortal: { effects: 9 } })).catch(() => undefined)
    await new Promise((resolve) => setImmediate(resolve))
    cloud.dead.add(7)
    await performed(resetState, all, context)
    await performed(revert, all, context)
    expect(await server()).toMatchObject({ vmState: 'active', host: 'host-a', flavor: { name: 'm1.small' } })
    expect(await findings()).toEqual([])
  })
})

describe('confirm by itself', () => {
  it('--auto-confirm follows the resize', async () => {
    const { context, moves } = await aServerToMove()
    expect(await performed(resize, { ...grow, autoConfirm: true }, context)).toMatchObject({ status: 'ACTIVE', host: 'host-b' })
    expect(await moves()).toEqual(['confirmed'])
  })

  it('confirms what waits longer than the window, and nothing when there is none', async () => {
    const { context, moves } = await aServerToMove()
    await performed(resize, grow, context)
    const windowed = withSettings(context, { resizeConfirmWindow: 60 })
    context.clock.advance(59_000)
    expect(await performed(confirmExpired, {}, windowed)).toEqual([])
    context.clock.advance(1000)
    expect(await performed(confirmExpired, {}, context)).toEqual([])
    expect(await performed(confirmExpired, {}, windowed)).toMatchObject([{ name: 'web-1', status: 'ACTIVE' }])
    expect(await moves()).toEqual(['confirmed'])
  })
})

describe('migrations', () => {
  it('are listed newest first, by server, host and status', async () => {
    const { context } = await aServerToMove()
    await performed(resize, grow, context)
    await performed(revert, all, context)
    await performed(migrate, { server: 'web-1' }, context)
    const listed = async (input: object) =>
      ((await performed(listMigrations, input, context)) as { type: string }[]).map(({ type }) => type)
    expect(await listed({})).toEqual(['cold', 'resize'])
    expect(await listed({ server: 'web-1', status: 'reverted' })).toEqual(['resize'])
    expect(await listed({ host: 'host-c' })).toEqual([])
  })

  it('of another project look like missing ones', async () => {
    const { context } = await aServerToMove()
    await performed(resize, grow, context)
    const [{ id }] = (await performed(listMigrations, {}, context)) as [{ id: string }]
    expect(await performed(showMigration, { migration: id }, context)).toMatchObject({ server: 'web-1', newFlavor: 'm1.medium' })
    const stranger = seenBy(context, mallory)
    expect(await performed(listMigrations, {}, stranger)).toEqual([])
    expect(await faultOf(showMigration, { migration: id }, stranger)).toMatchObject({ kind: 'not-found' })
  })
})
