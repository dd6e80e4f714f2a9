import { describe, expect, it } from 'vitest'
import { create } from '../../../../src/actions/image/create.ts'
import { remove } from '../../../../src/actions/image/delete.ts'
import { list } from '../../../../src/actions/image/list.ts'
import { save } from '../../../../src/actions/image/save.ts'
import { set } from '../../../../src/actions/image/set.ts'
import { show } from '../../../../src/actions/image/show.ts'
import { unset } from '../../../../src/actions/image/unset.ts'
import { aContext, faultOf, given, mallory, performed, recordsOf, seenBy } from '../../../support/a-context.ts'
import { anImage } from '../../../support/an-image.ts'
import { keepsToTheNoun } from '../../../support/noun-contract.ts'

keepsToTheNoun({
  table: 'images',
  record: (name) => anImage({ id: `id-${name}`, name }),
  show,
  showField: 'image',
  remove,
  removeField: 'images',
  scoped: true,
})

const disk = { name: 'disk', source: '/disk.qcow2' }

/** A world with one file and, under the same bytes, two images. */
async function withTwoOfOneContent() {
  const context = aContext()
  context.images.sources.set('/disk.qcow2', Buffer.from('qcow2 bytes'))
  await performed(create, disk, context)
  await performed(create, { ...disk, name: 'twin' }, context)
  return context
}

describe('image list', () => {
  it('shows own and public images, by every filter', async () => {
    const context = aContext()
    await given(
      context,
      'images',
      anImage({ id: 'a', name: 'mine' }),
      anImage({ id: 'b', name: 'foreign', projectId: 'p2' }),
      anImage({ id: 'c', name: 'shared', projectId: 'p2', visibility: 'public', format: 'raw' }),
      anImage({ id: 'd', name: 'gone', deleted: true, status: 'deleted' }),
      anImage({ id: 'e', name: 'coming', status: 'queued' }),
    )
    const ids = async (input: object) => Array.from(Object(await performed(list, input, context)), ({ id }: { id: string }) => id)
    expect(await ids({})).toEqual(['a', 'c', 'e'])
    expect(await ids({ allProjects: true })).toEqual(['a', 'b', 'c', 'e'])
    expect(await ids({ name: 'shared' })).toEqual(['c'])
    expect(await ids({ status: 'queued' })).toEqual(['e'])
    expect(await ids({ visibility: 'public' })).toEqual(['c'])
    expect(await ids({ diskFormat: 'qcow2' })).toEqual(['a', 'e'])
    expect(await ids({ limit: 1, marker: 'a' })).toEqual(['c'])
  })

  it('shows foreign private images to no member, asked for or not', async () => {
    const context = aContext()
    await given(context, 'images', anImage())
    expect(await performed(list, { allProjects: true }, seenBy(context, mallory))).toEqual([])
  })
})

describe('image save', () => {
  it('copies the bytes of a complete image', async () => {
    const context = await withTwoOfOneContent()
    expect(await performed(save, { image: 'disk', file: '/out' }, context)).toMatchObject({ name: 'disk', size: 11 })
    expect(context.images.saved.get('/out')?.toString()).toBe('qcow2 bytes')
  })

  it('refuses one that has no bytes yet', async () => {
    const context = aContext()
    await given(context, 'images', anImage({ status: 'queued', checksum: null }))
    expect(await faultOf(save, { image: 'cirros', file: '/out' }, context)).toMatchObject({ kind: 'conflict' })
  })
})

describe('image set and unset', () => {
  it('change all but the bytes', async () => {
    const context = aContext()
    const kernel = anImage({ id: 'k', name: 'vmlinuz', format: 'kernel' })
    await given(context, 'images', anImage({ properties: [['a', '1']] }), kernel)
    const change = {
      properties: [['b', '2']],
      name: 'new',
      minRam: 64,
      minDisk: 1,
      visibility: 'public',
      protected: true,
      kernel: 'k',
    }
    const { properties: _, kernel: __, ...plain } = change
    expect(await performed(set, { image: 'cirros', ...change }, context)).toMatchObject({
      ...plain,
      properties: { a: '1', b: '2' },
      kernelId: 'k',
    })
    expect(await performed(unset, { image: 'new', properties: ['a'], kernel: true }, context)).toMatchObject({
      properties: { b: '2' },
      kernelId: null,
    })
  })

  it.each([
    [{ kernel: 'cirros' }, 'invalid', 'image "cirros" is qcow2, not a kernel'],
    [{ ramdisk: 'nosuch' }, 'not-found', 'nosuch'],
    [{ minRam: -1 }, 'invalid', 'minRam is -1'],
    [{ format: 'raw' }, 'invalid', 'unknown field format'],
  ])('refuse %j', async (change, kind, message) => {
    const context = aContext()
    await given(context, 'images', anImage())
    const fault = await faultOf(set, { image: 'cirros', ...change }, context)
    expect(fault.kind).toBe(kind)
    expect(fault.message).toContain(message)
  })

  it('refuse a public image of another project', async () => {
    const context = aContext()
    await given(context, 'images', anImage({ visibility: 'public' }))
    const other = seenBy(context, mallory)
    expect(await performed(show, { image: 'cirros' }, other)).toMatchObject({ name: 'cirros' })
    expect(await faultOf(set, { image: 'cirros', name: 'x' }, other)).toMatchObject({ kind: 'forbidden' })
    expect(await faultOf(remove, { images: ['cirros'] }, other)).toMatchObject({ kind: 'forbidden' })
  })
})

describe('image delete', () => {
  it('keeps the bytes until their last image goes', async () => {
    const context = await withTwoOfOneContent()
    await performed(remove, { images: ['disk'] }, context)
    expect(context.images.kept.size).toBe(1)
    await performed(remove, { images: ['twin'] }, context)
    expect(context.images.kept.size).toBe(0)
    expect((await recordsOf(context.store, 'images')).map((image) => image.status)).toEqual(['deleted', 'deleted'])
  })

  it('leaves no image that looks complete without its bytes, whoever was faster', async () => {
    const context = await withTwoOfOneContent()
    const [{ checksum } = anImage()] = await recordsOf(context.store, 'images')
    const removeLate = async (digest: string) => {
      await given(context, 'images', anImage({ id: 'late', name: 'late', checksum }))
      await context.images.remove(digest)
    }
    await performed(remove, { images: ['disk', 'twin'] }, { ...context, images: { ...context.images, remove: removeLate } })
    expect(await performed(show, { image: 'late' }, context)).toMatchObject({ status: 'error' })
  })

  it('refuses protected images', async () => {
    const context = aContext()
    await given(context, 'images', anImage({ protected: true }))
    expect(await faultOf(remove, { images: ['cirros'] }, context)).toMatchObject({
      kind: 'conflict',
      message: 'image "cirros" is protected',
    })
  })

  it('refuses a kernel that another image boots, unless both go', async () => {
    const context = aContext()
    await given(context, 'images', anImage({ id: 'k', name: 'vmlinuz', format: 'kernel' }), anImage({ kernelId: 'k' }))
    const fault = await faultOf(remove, { images: ['vmlinuz'] }, context)
    expect(fault).toMatchObject({ kind: 'conflict', message: 'image "vmlinuz" is the kernel of 1 image: cirros' })
    expect(await performed(remove, { images: ['vmlinuz', 'cirros'] }, context)).toHaveLength(2)
  })
})
