import { describe, expect, it } from 'vitest'
import { run } from '../../../../src/actions/doctor/run.ts'
import { create } from '../../../../src/actions/server/create.ts'
import { remove } from '../../../../src/actions/server/delete.ts'
import { changeServer } from '../../../../src/flows/server-steps.ts'
import type { Finding } from '../../../../src/model/finding.ts'
import type { Server } from '../../../../src/model/server.ts'
import { aCloud, type Cloud } from '../../../support/a-cloud.ts'
import { performed } from '../../../support/a-context.ts'

const instances = '/instances'
const withImages = ({ context }: Cloud, there: boolean) => ({ ...context, images: { ...context.images, has: async () => there } })
const examined = (cloud: Cloud, fix = false) => performed(run, { fix }, withImages(cloud, true)) as Promise<Finding[]>
const codes = async (cloud: Cloud) => (await examined(cloud)).map((finding) => finding.code)

async function withServer(): Promise<{ cloud: Cloud; id: string; host: string; other: string }> {
  const cloud = await aCloud(['host-a', 'host-b'])
  const { id, host } = (await performed(create, { name: 'web-1', flavor: 'm1.tiny' }, cloud.context)) as Server & { host: string }
  return { cloud, id, host, other: host === 'host-a' ? 'host-b' : 'host-a' }
}

const change = (cloud: Cloud, id: string, fields: Partial<Server>) =>
  cloud.context.store.transaction({ actor: 'test', request: 'test', action: 'test' }, (tx) => changeServer(tx, id, fields))
const server = (cloud: Cloud, id: string) => cloud.context.store.read((reader) => reader.get('servers', id))

async function copyGuest(cloud: Cloud, id: string, from: string, to: string, as = id): Promise<void> {
  const bytes = await cloud.hosts.get(from)?.readFile(`${instances}/${id}/guest.json`)
  const guest = JSON.stringify({ ...JSON.parse(String(bytes)), id: as })
  await cloud.hosts.get(to)?.mkdir(`${instances}/${as}`)
  await cloud.hosts.get(to)?.writeFile(`${instances}/${as}/guest.json`, guest)
}

describe('the doctor', () => {
  it('finds nothing when records and hosts agree', async () => {
    const { cloud } = await withServer()
    expect(await examined(cloud)).toEqual([])
  })

  it('reports a guest that no record knows, and never touches it', async () => {
    const { cloud, id, host, other } = await withServer()
    const stranger = '11111111-1111-4111-8111-111111111111'
    await copyGuest(cloud, id, host, other, stranger)
    expect(await examined(cloud, true)).toMatchObject([{ code: 'NVD001', repair: null, fixed: false }])
    expect(await cloud.hosts.get(other)?.stat(`${instances}/${stranger}`)).toBeDefined()
  })

  it('destroys what is left of a deleted server', async () => {
    const { cloud, id, host } = await withServer()
    await copyGuest(cloud, id, host, host, 'kept')
    await performed(remove, { servers: ['web-1'] }, cloud.context)
    await cloud.hosts.get(host)?.rename(`${instances}/kept`, `${instances}/${id}`)
    await cloud.hosts
      .get(host)
      ?.writeFile(`${instances}/${id}/guest.json`, JSON.stringify({ id, epoch: 1, powerState: 'running', disks: [] }))
    expect(await examined(cloud, true)).toMatchObject([{ code: 'NVD002', fixed: true }])
    expect(await codes(cloud)).toEqual([])
  })

  it('sets a server without a guest to ERROR', async () => {
    const { cloud, id, host } = await withServer()
    await cloud.hosts.get(host)?.remove(`${instances}/${id}`)
    expect(await examined(cloud, true)).toMatchObject([{ code: 'NVD003', object: 'server web-1', fixed: true }])
    expect(await server(cloud, id)).toMatchObject({ vmState: 'error' })
    expect(await codes(cloud)).toEqual([])
  })

  it('records where a guest really is', async () => {
    const { cloud, id, host, other } = await withServer()
    await copyGuest(cloud, id, host, other)
    await cloud.hosts.get(host)?.remove(`${instances}/${id}`)
    expect(await examined(cloud, true)).toMatchObject([{ code: 'NVD004', fixed: true }])
    expect(await server(cloud, id)).toMatchObject({ host: other })
  })

  it('S15 leaves two copies of one guest to a person', async () => {
    const { cloud, id, host, other } = await withServer()
    await copyGuest(cloud, id, host, other)
    expect(await examined(cloud, true)).toMatchObject([{ code: 'NVD005', repair: null, fixed: false }])
  })

  it.each([
    ['paused', 'paused'],
    ['shutdown', 'stopped'],
    ['suspended', 'suspended'],
  ] as const)('records a guest that is %s as %s instead of changing the guest', async (powerState, vmState) => {
    const { cloud, id, host } = await withServer()
    const path = `${instances}/${id}/guest.json`
    const bytes = await cloud.hosts.get(host)?.readFile(path)
    await cloud.hosts.get(host)?.writeFile(path, JSON.stringify({ ...JSON.parse(String(bytes)), powerState }))
    expect(await examined(cloud, true)).toMatchObject([{ code: 'NVD006', severity: 'warning', fixed: true }])
    expect(await server(cloud, id)).toMatchObject({ powerState, vmState })
    expect(await codes(cloud)).toEqual([])
  })

  it('clears a mark that no operation stands behind', async () => {
    const { cloud, id } = await withServer()
    await change(cloud, id, { taskState: 'rebooting' })
    expect(await examined(cloud, true)).toMatchObject([{ code: 'NVD007', fixed: true }])
    expect(await server(cloud, id)).toMatchObject({ taskState: null })
  })

  it('finishes operations of dead processes', async () => {
    const cloud = await aCloud(['host-a'])
    void performed(create, { name: 'web-1', flavor: 'm1.tiny' }, cloud.process(7, { mortal: { effects: 4 } })).catch(
      () => undefined,
    )
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)))
    cloud.dead.add(7)
    expect(await examined(cloud, true)).toMatchObject([{ code: 'NVD008', fixed: true }])
    expect(await codes(cloud)).toEqual([])
  })

  it('goes on when a host does not answer, and claims nothing about its servers', async () => {
    const { cloud, host } = await withServer()
    await cloud.misbehave(host, [{ call: 'list', mode: 'fail', kind: 'unreachable', message: 'no route' }])
    expect(await examined(cloud)).toMatchObject([{ code: 'NVD009', object: `host ${host}`, message: 'no route' }])
  })

  it('counts claims that exceed a host', async () => {
    const { cloud, host } = await withServer()
    await cloud.context.store.transaction({ actor: 'test', request: 'test', action: 'test' }, async (tx) => {
      const [record] = await tx.list('hosts', { where: { name: host } })
      if (record) await tx.update('hosts', { ...record, ramAllocationRatio: 0.001 })
    })
    expect(await examined(cloud)).toMatchObject([{ code: 'NVD010', severity: 'warning', repair: null }])
  })

  it('names images whose file is gone', async () => {
    const { cloud } = await withServer()
    expect(await performed(run, {}, withImages(cloud, false))).toMatchObject([{ code: 'NVD011', object: 'image cirros' }])
  })
})
