/** S4: what does not fit is refused by number, before a host is chosen or asked and before anything is recorded. */
import { describe, expect, it } from 'vitest'
import { create } from '../../../../src/actions/server/create.ts'
import { rebuild } from '../../../../src/actions/server/rebuild.ts'
import { resize } from '../../../../src/actions/server/resize.ts'
import type { Image } from '../../../../src/model/image.ts'
import { aCloud } from '../../../support/a-cloud.ts'
import { faultOf, given, performed, recordsOf, type TestContext } from '../../../support/a-context.ts'
import { aFlavor } from '../../../support/a-flavor.ts'
import { anImage } from '../../../support/an-image.ts'

const tib = 1024 ** 4
const huge = (overrides: Partial<Image> = {}) =>
  anImage({ id: 'image-huge', name: 'huge', projectId: 'p1', virtualSize: 100 * tib, ...overrides })
const boot = { name: 'web-1', image: 'huge', flavor: 'm1.small' }

/** The cloud, and the records and files that must not change. */
async function cloudWith(image: Image) {
  const cloud = await aCloud(['host-a'])
  await given(cloud.context, 'images', image)
  const files = async () => (await Promise.all([...cloud.hosts.values()].map((host) => host.readdir('/instances')))).flat()
  return { ...cloud, files }
}
const serversAndFlows = async ({ store }: TestContext) => [await recordsOf(store, 'servers'), await recordsOf(store, 'flows')]

describe('S4 a size that the flavor cannot hold', () => {
  it.each([
    ['100 TiB', 100 * tib, 102_400],
    ['one byte more than the flavor', 20 * 1024 ** 3 + 1, 21],
    ['2^53 - 1 bytes', Number.MAX_SAFE_INTEGER, 8_388_608],
  ])('a virtual size of %s is refused by number before a host is asked', async (_, virtualSize, gb) => {
    const { context, hosts, files } = await cloudWith(huge({ virtualSize }))
    expect(await faultOf(create, boot, context)).toMatchObject({
      kind: 'invalid',
      message: `flavor m1.small has 20 GB of disk, image huge needs ${gb} GB`,
    })
    expect(await serversAndFlows(context)).toEqual([[], []])
    expect(await recordsOf(context.store, 'requests')).toEqual([])
    expect([...hosts.values()].flatMap(({ ran }) => ran)).toEqual([])
    expect(await files()).toEqual(['.keep'])
  })

  it('the least disk that its owner declared counts as well', async () => {
    const { context } = await cloudWith(huge({ virtualSize: 1, minDisk: 21 }))
    expect(await faultOf(create, boot, context)).toMatchObject({ message: expect.stringContaining('needs 21 GB') })
  })

  it('a flavor whose disk is as large as the image: the filters count the image, and no host has so much', async () => {
    const { context } = await cloudWith(huge())
    await given(context, 'flavors', aFlavor({ id: 'f-any', name: 'any', disk: 0 }))
    const fault = await faultOf(create, { ...boot, flavor: 'any' }, context)
    expect(fault).toMatchObject({ kind: 'no-valid-host', message: expect.stringMatching(/disk/i) })
    expect(await serversAndFlows(context)).toEqual([[], []])
  })

  it('neither a rebuild nor a resize takes it', async () => {
    const { context } = await cloudWith(huge())
    await performed(create, { ...boot, image: 'cirros' }, context)
    const before = await recordsOf(context.store, 'servers')
    expect(await faultOf(rebuild, { server: 'web-1', image: 'huge' }, context)).toMatchObject({
      kind: 'invalid',
      message: expect.stringContaining('needs 102400 GB'),
    })
    expect(await faultOf(resize, { server: 'web-1', flavor: 'm1.tiny' }, context)).toMatchObject({
      kind: 'invalid',
      message: expect.stringContaining('disks cannot shrink'),
    })
    expect(await recordsOf(context.store, 'servers')).toEqual(before)
  })
})
