import { describe, expect, it } from 'vitest'
import { gc } from '../../../../src/actions/cache/gc.ts'
import { list } from '../../../../src/actions/cache/list.ts'
import { remove } from '../../../../src/actions/image/delete.ts'
import { prefetch } from '../../../../src/actions/image/prefetch.ts'
import { create } from '../../../../src/actions/server/create.ts'
import { remove as removeServer } from '../../../../src/actions/server/delete.ts'
import { aCloud, type Cloud } from '../../../support/a-cloud.ts'
import { performed } from '../../../support/a-context.ts'

const booted = (cloud: Cloud) => performed(create, { name: 'web-1', flavor: 'm1.tiny', image: 'cirros' }, cloud.context)
const listed = (cloud: Cloud) => performed(list, {}, cloud.context)

describe('the image cache', () => {
  it('names the image and the servers that are based on it', async () => {
    const cloud = await aCloud(['host-a'])
    await booted(cloud)
    expect(await listed(cloud)).toMatchObject([{ host: 'host-a', image: 'cirros', users: ['web-1'] }])
  })

  it('keeps what a server is based on, also when its record is deleted, and lets it go after the server', async () => {
    const cloud = await aCloud(['host-a'])
    await booted(cloud)
    await performed(remove, { images: ['cirros'] }, cloud.context)
    expect(await performed(gc, {}, cloud.context)).toEqual([])
    expect(await listed(cloud)).toMatchObject([{ image: 'cirros', users: ['web-1'] }])
    await performed(removeServer, { servers: ['web-1'] }, cloud.context)
    expect(await performed(gc, {}, cloud.context)).toMatchObject([{ host: 'host-a', image: 'cirros' }])
    expect(await listed(cloud)).toEqual([])
  })

  it('shows in a plan what would go, and removes nothing', async () => {
    const cloud = await aCloud(['host-a'])
    await performed(prefetch, { image: 'cirros' }, cloud.context)
    const planning = await cloud.planning()
    await performed(gc, {}, planning)
    expect(planning.events).toMatchObject([
      { type: 'step', flow: 'cache gc', commands: [expect.stringMatching(/^remove .*cirros/)] },
    ])
    expect(await listed(cloud)).toMatchObject([{ image: 'cirros', users: [] }])
  })

  it('is filled ahead on every enabled host; one that fails does not stop the others', async () => {
    const cloud = await aCloud(['host-a', 'host-b'])
    cloud.silent.add('host-a')
    expect(await performed(prefetch, { image: 'cirros' }, cloud.context)).toMatchObject([
      { host: 'host-a', result: 'failed' },
      { host: 'host-b', result: 'cached' },
    ])
    expect(await listed(cloud)).toMatchObject([{ host: 'host-b' }])
  })
})
