import { expect, it } from 'vitest'
import { create } from '../../../src/actions/server/create.ts'
import { migrate } from '../../../src/actions/server/migrate.ts'
import type { Server } from '../../../src/model/server.ts'
import { aCloud } from '../../support/a-cloud.ts'
import { faultOf, performed } from '../../support/a-context.ts'

it('a move to a host that still holds an old copy is refused, and touches neither copy', async () => {
  const cloud = await aCloud(['host-a', 'host-b'])
  const { id, host } = (await performed(create, { name: 'web-1', flavor: 'm1.tiny' }, cloud.context)) as Server
  const other = host === 'host-a' ? 'host-b' : 'host-a'
  const file = `/instances/${id}/guest.json`
  const guest = await cloud.hosts.get(host ?? '')?.readFile(file)
  await cloud.hosts.get(other)?.mkdir(`/instances/${id}`)
  await cloud.hosts.get(other)?.writeFile(file, String(guest))

  const fault = await faultOf(migrate, { server: 'web-1' }, cloud.context)

  expect(fault).toMatchObject({ kind: 'conflict', hint: expect.stringContaining('nova doctor') })
  expect(fault.message).toContain(`host ${other} already holds a guest ${id}`)
  expect(String(await cloud.hosts.get(other)?.readFile(file))).toBe(String(guest))
  expect(JSON.parse(String(await cloud.hosts.get(host ?? '')?.readFile(file)))).toMatchObject({ powerState: 'running' })
  expect(await cloud.context.store.read((reader) => reader.get('servers', id))).toMatchObject({
    host,
    vmState: 'active',
    taskState: null,
  })
})
