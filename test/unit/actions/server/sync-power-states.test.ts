/** Power states by Nova's rules without their defects: nothing is stopped that somebody started, unless the setting says so. */
import { describe, expect, it } from 'vitest'
import { create } from '../../../../src/actions/server/create.ts'
import { syncPowerStates } from '../../../../src/actions/server/sync-power-states.ts'
import { changeServer } from '../../../../src/flows/server-steps.ts'
import type { Server } from '../../../../src/model/server.ts'
import type { PowerState } from '../../../../src/model/states.ts'
import { aCloud, type Cloud } from '../../../support/a-cloud.ts'
import { performed } from '../../../support/a-context.ts'

async function withServer(fields: Partial<Server>, powerState: PowerState) {
  const cloud = await aCloud(['host-a'])
  const { id } = (await performed(create, { name: 'web-1', flavor: 'm1.tiny' }, cloud.context)) as Server
  await cloud.context.store.transaction({ actor: 'test', request: 'test', action: 'test' }, (tx) => changeServer(tx, id, fields))
  await change(cloud, id, powerState)
  return { cloud, id }
}

const path = (id: string) => `/instances/${id}/guest.json`
async function change(cloud: Cloud, id: string, powerState: PowerState, as = id) {
  const host = cloud.hosts.get('host-a')
  const guest = JSON.stringify({ ...JSON.parse(String(await host?.readFile(path(id)))), id: as, powerState })
  await host?.mkdir(`/instances/${as}`)
  await host?.writeFile(path(as), guest)
}
const stateOf = async (cloud: Cloud, id: string) =>
  JSON.parse(String(await cloud.hosts.get('host-a')?.readFile(path(id)))).powerState
const server = (cloud: Cloud, id: string) => cloud.context.store.read((reader) => reader.get('servers', id))
const synced = ({ context }: Cloud, settings = {}) =>
  performed(syncPowerStates, {}, { ...context, settings: { ...context.settings, ...settings } })

describe('server.sync-power-states', () => {
  it('says nothing when records and guests agree', async () => {
    const { cloud } = await withServer({}, 'running')
    expect(await synced(cloud)).toEqual([])
  })

  it.each([
    ['shutdown', 'stopped'],
    ['crashed', 'stopped'],
    ['suspended', 'suspended'],
    ['paused', 'paused'],
  ] as const)('records an active server whose guest is %s as %s', async (powerState, vmState) => {
    const { cloud, id } = await withServer({}, powerState)
    expect(await synced(cloud)).toMatchObject([{ server: 'web-1', recorded: 'running', found: powerState, result: 'recorded' }])
    expect(await server(cloud, id)).toMatchObject({ vmState, powerState })
    expect(await stateOf(cloud, id)).toBe(powerState)
  })

  it('reports a stopped server that runs, and leaves it running', async () => {
    const { cloud, id } = await withServer({ vmState: 'stopped', powerState: 'shutdown' }, 'running')
    expect(await synced(cloud)).toMatchObject([{ result: 'reported', reason: 'it runs though it was stopped' }])
    expect(await stateOf(cloud, id)).toBe('running')
    expect(await server(cloud, id)).toMatchObject({ vmState: 'stopped' })
  })

  it('stops it again when the setting says so', async () => {
    const { cloud, id } = await withServer({ vmState: 'stopped', powerState: 'shutdown' }, 'running')
    expect(await synced(cloud, { syncPowerStateAction: 'stop' })).toMatchObject([{ result: 'stopped' }])
    expect(await stateOf(cloud, id)).toBe('shutdown')
  })

  it('skips a server that something works on', async () => {
    const { cloud, id } = await withServer({ taskState: 'rebooting' }, 'shutdown')
    expect(await synced(cloud)).toMatchObject([{ result: 'skipped', reason: 'it is busy: rebooting' }])
    expect(await server(cloud, id)).toMatchObject({ vmState: 'active' })
  })

  it('reports guests that no record knows, servers without a guest, and hosts that do not answer', async () => {
    const { cloud, id } = await withServer({}, 'running')
    await change(cloud, id, 'running', '11111111-1111-4111-8111-111111111111')
    await cloud.hosts.get('host-a')?.remove(`/instances/${id}`)
    expect(await synced(cloud)).toMatchObject([
      { server: 'web-1', result: 'reported', reason: 'the host has no such guest' },
      { id: '11111111-1111-4111-8111-111111111111', result: 'reported', reason: 'no record knows it' },
    ])
    cloud.silent.add('host-a')
    expect(await synced(cloud)).toMatchObject([{ host: 'host-a', result: 'unreachable' }])
  })
})
