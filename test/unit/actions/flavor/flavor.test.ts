import { describe, expect, it } from 'vitest'
import { create } from '../../../../src/actions/flavor/create.ts'
import { remove } from '../../../../src/actions/flavor/delete.ts'
import { list } from '../../../../src/actions/flavor/list.ts'
import { set } from '../../../../src/actions/flavor/set.ts'
import { show } from '../../../../src/actions/flavor/show.ts'
import { unset } from '../../../../src/actions/flavor/unset.ts'
import { aContext, faultOf, given, mallory, performed, recordsOf, seenBy } from '../../../support/a-context.ts'
import { aFlavor } from '../../../support/a-flavor.ts'
import { keepsToTheNoun } from '../../../support/noun-contract.ts'

keepsToTheNoun({
  table: 'flavors',
  record: (name) => aFlavor({ id: `id-${name}`, name }),
  show,
  showField: 'flavor',
  remove,
  removeField: 'flavors',
  scoped: false,
})

const tiny = { name: 'm1.nano', ram: 64, vcpus: 1 }

describe('flavor create', () => {
  it('fills what was not said', async () => {
    const context = aContext()
    expect(await performed(create, { ...tiny, extraSpecs: [['hw:x', '1']] }, context)).toEqual({
      ...tiny,
      id: '00000000-0000-4000-8000-000000000001',
      disk: 0,
      ephemeral: 0,
      swap: 0,
      isPublic: true,
      description: null,
      extraSpecs: { 'hw:x': '1' },
      createdAt: '2026-01-01T00:00:00.000Z',
    })
  })

  it.each([
    [{ ram: 0 }, 'ram is 0, the least is 1'],
    [{ ram: 2 ** 31 }, 'ram is 2147483648, the most is 2147483647'],
    [{ vcpus: 1.5 }, 'vcpus'],
    [{ vcpus: 5000 }, 'vcpus is 5000, the most is 4096'],
    [{ disk: -1 }, 'disk is -1, the least is 0'],
    [{ name: '' }, 'name is empty'],
    [{ name: '-x' }, 'name has characters'],
    [{ id: '../etc' }, 'id has characters'],
    [{ extraSpecs: Array.from({ length: 129 }, (_, i) => [`k${i}`, '']) }, 'extraSpecs has 129 items, the limit is 128'],
    [{ color: 'red' }, 'unknown field color'],
  ])('refuses %j', async (change, message) => {
    const context = aContext()
    const fault = await faultOf(create, { ...tiny, ...change }, context)
    expect(fault.kind).toBe('invalid')
    expect(fault.message).toContain(message)
    expect(await recordsOf(context.store, 'flavors')).toEqual([])
  })

  it.each([
    [{ name: 'm1.tiny', id: '9' }, { orReuse: false }],
    [{ name: 'other', id: 'f1' }, { orReuse: true }],
  ])('refuses %j when the name or id is taken', async (change, reuse) => {
    const context = aContext()
    await given(context, 'flavors', aFlavor())
    expect(await faultOf(create, { ...tiny, ...change, ...reuse }, context)).toMatchObject({
      kind: 'exists',
      message: 'flavor "m1.tiny" exists already, with the id f1',
    })
  })

  it('takes the one that is there when asked to', async () => {
    const context = aContext()
    await given(context, 'flavors', aFlavor())
    expect(await performed(create, { ...tiny, name: 'm1.tiny', orReuse: true }, context)).toMatchObject({ id: 'f1', ram: 512 })
  })

  it('keeps extra specs whose keys every object inherits', async () => {
    const specs = [
      ['__proto__', 'a'],
      ['constructor', 'b'],
    ]
    const made = await performed(create, { ...tiny, extraSpecs: specs }, aContext())
    expect(Object.entries(Object(made).extraSpecs)).toEqual(specs)
  })
})

describe('flavor set and unset', () => {
  it('add, replace and remove extra specs', async () => {
    const context = aContext()
    await given(context, 'flavors', aFlavor({ extraSpecs: [['a', '1']] }))
    const change = {
      flavor: 'm1.tiny',
      extraSpecs: [
        ['a', '2'],
        ['b', '3'],
      ],
      description: 'small',
      isPublic: false,
    }
    expect(await performed(set, change, context)).toMatchObject({
      extraSpecs: { a: '2', b: '3' },
      description: 'small',
      isPublic: false,
    })
    const rest = await performed(unset, { flavor: 'f1', extraSpecs: ['a'], description: true }, context)
    expect(rest).toMatchObject({ extraSpecs: { b: '3' }, description: null, isPublic: false })
  })

  it('say which key is not there', async () => {
    const context = aContext()
    await given(context, 'flavors', aFlavor({ extraSpecs: [['a', '1']] }))
    const fault = await faultOf(unset, { flavor: 'f1', extraSpecs: ['a', 'constructor'] }, context)
    expect(fault.kind).toBe('not-found')
    expect(fault.message).toContain('constructor')
  })

  it('refuse what would be too many', async () => {
    const context = aContext()
    await given(context, 'flavors', aFlavor({ extraSpecs: Array.from({ length: 128 }, (_, i) => [`k${i}`, '']) }))
    expect(await faultOf(set, { flavor: 'f1', extraSpecs: [['new', '']] }, context)).toMatchObject({ kind: 'invalid' })
  })
})

describe('a private flavor', () => {
  it('is missing for everybody but admins', async () => {
    const context = aContext()
    await given(context, 'flavors', aFlavor(), aFlavor({ id: 'f2', name: 'secret', isPublic: false }))
    const other = seenBy(context, mallory)
    expect(await faultOf(show, { flavor: 'secret' }, other)).toMatchObject({ kind: 'not-found' })
    expect(await performed(list, { all: true }, other)).toHaveLength(1)
    expect(await performed(list, {}, context)).toHaveLength(1)
    expect(await performed(list, { all: true }, context)).toHaveLength(2)
  })
})
