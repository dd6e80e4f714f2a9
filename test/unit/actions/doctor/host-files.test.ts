/** What the doctor finds on hosts beside guests, and what it does about it. */
import { describe, expect, it } from 'vitest'
import { run } from '../../../../src/actions/doctor/run.ts'
import { create } from '../../../../src/actions/server/create.ts'
import { remove } from '../../../../src/actions/server/delete.ts'
import type { Finding } from '../../../../src/model/finding.ts'
import type { Server } from '../../../../src/model/server.ts'
import { aCloud, type Cloud } from '../../../support/a-cloud.ts'
import { performed } from '../../../support/a-context.ts'

const instances = '/instances'
const stranger = '11111111-1111-4111-8111-111111111111'
const digest = 'ab'.repeat(32)
const withImages = ({ context }: Cloud) => ({ ...context, images: { ...context.images, has: async () => true } })
const examined = (cloud: Cloud, fix = false) => performed(run, { fix }, withImages(cloud)) as Promise<Finding[]>
const onHost = (cloud: Cloud) => {
  const host = cloud.hosts.get('host-a')
  if (!host) throw new Error('no host-a')
  return host
}

async function put(cloud: Cloud, path: string, text = 'x'): Promise<void> {
  const full = `${instances}/${path}`
  await onHost(cloud).mkdir(full.slice(0, full.lastIndexOf('/')))
  await onHost(cloud).writeFile(full, text)
}

describe('the doctor on a host', () => {
  it('puts a directory of nobody aside, with the disk in it', async () => {
    const cloud = await aCloud(['host-a'])
    await put(cloud, `${stranger}/disk`, 'the only copy')
    // The fake lists guests alone; real drivers list directories too.
    const seen = await examined(cloud)
    expect(seen).toEqual([])
    await put(cloud, `${stranger}_resize/disk`, 'the only copy')
    expect(await examined(cloud, true)).toMatchObject([{ code: 'NVD014', severity: 'warning', fixed: true }])
    const [lost = ''] = await onHost(cloud).readdir(`${instances}/.lost`)
    expect(String(await onHost(cloud).readFile(`${instances}/.lost/${lost}/disk`))).toBe('the only copy')
    expect(await examined(cloud)).toEqual([])
  })

  it('sweeps temporary files that nobody works on, and leaves everything else', async () => {
    const cloud = await aCloud(['host-a'])
    for (const path of [`_base/${digest}.part`, `_base/.${digest}.7.tmp`, '_base/.keep', 'notes.txt']) await put(cloud, path)
    expect(await examined(cloud, true)).toMatchObject([
      { code: 'NVD015', fixed: true, message: expect.stringMatching(/^2 temp/) },
    ])
    expect(await onHost(cloud).readdir(`${instances}/_base`)).toEqual(['.keep'])
    expect(await examined(cloud)).toEqual([])
  })

  it('forgets fences of servers that are gone for long, and keeps those of living ones', async () => {
    const cloud = await aCloud(['host-a'])
    const { id } = (await performed(create, { name: 'web-1', flavor: 'm1.tiny' }, cloud.context)) as Server
    await put(cloud, `.fences/${id}.epoch`, '9')
    await put(cloud, `.fences/${stranger}.epoch`, '9')
    expect(await examined(cloud)).toMatchObject([{ code: 'NVD023', message: expect.stringMatching(/^1 fence /) }])
  })

  it('finds nothing wrong with a server that was deleted properly', async () => {
    const cloud = await aCloud(['host-a'])
    await performed(create, { name: 'web-1', flavor: 'm1.tiny' }, cloud.context)
    await performed(remove, { servers: ['web-1'] }, cloud.context)
    expect(await examined(cloud)).toEqual([])
  })

  it('records an inventory that has changed', async () => {
    const cloud = await aCloud(['host-a'])
    await cloud.context.store.transaction({ actor: 'test', request: 'test', action: 'test' }, async (tx) => {
      const [host] = await tx.list('hosts')
      if (host?.inventory)
        await tx.update('hosts', { ...host, inventory: { ...host.inventory, vcpus: 2, hypervisorVersion: '0.9' } })
    })
    expect(await examined(cloud, true)).toMatchObject([
      { code: 'NVD021', message: 'it runs fake 1.0, recorded is 0.9', fixed: true },
      { code: 'NVD022', message: 'vcpus is 64, recorded is 2', fixed: true },
    ])
    expect(await examined(cloud)).toEqual([])
  })

  it('says why a repair failed and tries the others', async () => {
    const cloud = await aCloud(['host-a', 'host-b'])
    await put(cloud, `_base/${digest}.part`)
    await cloud.misbehave('host-a', [{ call: 'tidy', mode: 'fail', message: 'read-only file system' }])
    expect(await examined(cloud, true)).toMatchObject([{ code: 'NVD015', fixed: false }])
    expect(JSON.stringify(cloud.context.events)).toContain('read-only file system')
  })
})
