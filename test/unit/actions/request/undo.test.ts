/** Undo from history: what is given back, and what stands in the way. */
import { describe, expect, it } from 'vitest'
import { create as createFlavor } from '../../../../src/actions/flavor/create.ts'
import { remove as deleteFlavor } from '../../../../src/actions/flavor/delete.ts'
import { set as setFlavor } from '../../../../src/actions/flavor/set.ts'
import { show as showHistory } from '../../../../src/actions/history/show.ts'
import { create as createKeypair } from '../../../../src/actions/keypair/create.ts'
import { remove as deleteKeypair } from '../../../../src/actions/keypair/delete.ts'
import { set as setQuota } from '../../../../src/actions/quota/set.ts'
import { undo } from '../../../../src/actions/request/undo.ts'
import { create as createGroup } from '../../../../src/actions/server-group/create.ts'
import { create as createToken } from '../../../../src/actions/token/create.ts'
import { draftOf } from '../../../../src/state/draft.ts'
import { aContext, performed, recordsOf } from '../../../support/a-context.ts'
import { requestsOf, saidIn } from '../../../support/undone-requests.ts'

const big = { name: 'big', id: 'big', ram: 4096, vcpus: 4 }

describe('undo', () => {
  it('gives a changed record its former content back, as a new revision', async () => {
    const context = aContext()
    const { does, undoes } = requestsOf(context)
    await does(createFlavor, big)
    const before = await saidIn(context)
    const request = await does(setFlavor, { flavor: 'big', description: 'large', extraSpecs: [['a', '1']] })
    expect(await undoes(request)).toEqual({
      result: 'undone',
      action: 'flavor.set',
      request,
      revisions: [2],
      undoneBy: 'req-3',
      revision: 3,
      records: [
        {
          type: 'flavor',
          id: 'big',
          name: 'big',
          event: 'changed',
          changes: [
            { field: 'extraSpecs', before: [['a', '1']], after: [] },
            { field: 'description', before: 'large', after: null },
          ],
        },
      ],
    })
    expect(await saidIn(context)).toEqual(before)
  })

  it('removes what was created, and brings back what was deleted, with the same id', async () => {
    const context = aContext()
    const { does, undoes } = requestsOf(context)
    const created = await does(createFlavor, big)
    const deleted = await does(deleteFlavor, { flavors: ['big'] })
    expect(await undoes(deleted)).toMatchObject({ records: [{ id: 'big', event: 'created' }] })
    expect(await recordsOf(context.store, 'flavors')).toMatchObject([{ id: 'big', ram: 4096, generation: 2 }])
    expect(await undoes(created)).toMatchObject({ records: [{ id: 'big', event: 'removed' }] })
    expect(await recordsOf(context.store, 'flavors')).toEqual([])
  })

  it('takes a revision for a request, and says so the second time', async () => {
    const context = aContext()
    const { does, undoes } = requestsOf(context)
    const request = await does(createFlavor, big)
    const first = await undoes('1')
    const again = { result: 'already-undone', request, undoneBy: first.undoneBy, revision: 2, records: [] }
    expect(await undoes('1')).toMatchObject(again)
    expect(await undoes(request)).toMatchObject(again)
    expect(await context.store.read(async (reader) => reader.revision)).toBe(2)
  })

  it('of an undo does the change again, and then it can be undone again', async () => {
    const context = aContext()
    const { does, undoes } = requestsOf(context)
    const request = await does(createFlavor, big)
    for (let turn = 0; turn < 3; turn += 1) {
      const { undoneBy } = await undoes(request)
      expect(await recordsOf(context.store, 'flavors')).toEqual([])
      expect(await undoes(String(undoneBy))).toMatchObject({ result: 'undone', records: [{ id: 'big', event: 'created' }] })
      expect(await recordsOf(context.store, 'flavors')).toMatchObject([{ id: 'big' }])
    }
  })

  it('without a name goes back over the own changes in force, one after the other', async () => {
    const context = aContext()
    const { does, undoes, refused } = requestsOf(context)
    await does(createFlavor, big)
    await does(setFlavor, { flavor: 'big', description: 'large' })
    await does(createGroup, { name: 'web', policy: 'affinity' }, { userId: 'carol' })
    await does(setFlavor, { flavor: 'big' })
    expect(await undoes()).toMatchObject({ action: 'flavor.set', revisions: [2] })
    expect(await undoes()).toMatchObject({ action: 'flavor.create', revisions: [1] })
    expect(await refused()).toMatchObject({ kind: 'not-found', message: expect.stringContaining('alice changed nothing') })
    expect(await recordsOf(context.store, 'serverGroups')).toHaveLength(1)
  })

  it('is shown by history as what it is', async () => {
    const context = aContext()
    const { does, undoes } = requestsOf(context)
    await does(createFlavor, big)
    const request = await does(setFlavor, { flavor: 'big', description: 'large' })
    await undoes(request)
    const entries = await performed(showHistory, { type: 'flavor', name: 'big' }, context)
    expect(entries).toMatchObject([
      { action: 'flavor.create', undoes: null },
      { action: 'flavor.set', undoes: null },
      { revision: 3, action: 'request.undo', request: 'req-3', undoes: request, event: 'changed' },
    ])
  })

  it('of an id that all calls share takes back all that they did, once', async () => {
    const context = { ...aContext(), requestId: 'req-ci' }
    await performed(createFlavor, big, context)
    await performed(setFlavor, { flavor: 'big', description: 'large' }, context)
    const undone = { result: 'undone', action: 'flavor.create, flavor.set', revisions: [1, 2], records: [{ event: 'removed' }] }
    expect(await performed(undo, { change: 'req-ci' }, context)).toMatchObject(undone)
    expect(await performed(undo, { change: 'req-ci' }, context)).toMatchObject({ result: 'already-undone', revision: 3 })
    expect(await performed(undo, { change: '3' }, context)).toMatchObject({ records: [{ event: 'created' }] })
    expect(await recordsOf(context.store, 'flavors')).toMatchObject([{ id: 'big', description: 'large' }])
  })

  it('changes nothing in a plan', async () => {
    const context = aContext()
    const { does, undoes } = requestsOf(context)
    const request = await does(createFlavor, big)
    const before = await saidIn(context)
    const plan = { plan: true, store: draftOf(context.store) }
    expect(await undoes(request, plan)).toMatchObject({ result: 'undone', records: [{ event: 'removed' }] })
    expect(await undoes(undefined, { ...plan, store: draftOf(context.store) })).toMatchObject({ result: 'undone' })
    expect(await saidIn(context)).toEqual(before)
    expect(await undoes(request)).toMatchObject({ result: 'undone' })
  })
})

describe('undo is refused', () => {
  it('when a later revision changed the record again, which it names, and not once that is undone', async () => {
    const context = aContext()
    const { does, undoes, refused } = requestsOf(context)
    const [first, second] = [await does(createFlavor, big), await does(setFlavor, { flavor: 'big', description: 'large' })]
    await does(createFlavor, { ...big, name: 'other', id: 'other' })
    expect(await refused(first)).toMatchObject({
      kind: 'conflict',
      message: `cannot undo flavor.create (${first}, revision 1): flavor big was changed again by flavor.set of alice (${second}, revision 2)`,
      hint: 'undo that first: nova undo 2',
    })
    const { undoneBy } = await undoes(second)
    await undoes(String(undoneBy))
    expect(await refused(first)).toMatchObject({ kind: 'conflict' })
    await undoes(second)
    expect(await undoes(first)).toMatchObject({ result: 'undone' })
    expect((await recordsOf(context.store, 'flavors')).map(({ id }) => id)).toEqual(['other'])
  })

  it('for an undo of something that was undone once more since', async () => {
    const { does, undoes, refused } = requestsOf(aContext())
    const request = await does(createFlavor, big)
    const { undoneBy } = await undoes(request)
    const again = await undoes(String(undoneBy))
    await undoes(request)
    expect(await refused(String(again.undoneBy))).toMatchObject({
      kind: 'conflict',
      message: expect.stringContaining('flavor big was changed again by the undo of 1'),
    })
  })

  it('for all reasons at once', async () => {
    const { does, refused } = requestsOf(aContext())
    await does(createFlavor, big)
    await does(createFlavor, { ...big, name: 'small', id: 'small' })
    const request = await does(deleteFlavor, { flavors: ['big', 'small'] })
    await does(createFlavor, { ...big, id: 'new' })
    await does(createFlavor, { ...big, name: 'small', id: 'small' })
    const fault = await refused(request)
    expect(fault).toMatchObject({ kind: 'conflict', details: { reasons: [{}, { kind: 'exists' }] } })
    expect(fault.message).toContain('flavor small was changed again by flavor.create')
    expect(fault.message).toContain('already has name big')
  })

  it('below what is in use, and over quota', async () => {
    const context = aContext()
    const { does, refused } = requestsOf(context)
    await does(createKeypair, { name: 'one' })
    await does(setQuota, { keyPairs: 1 })
    const raised = await does(setQuota, { keyPairs: 2 })
    await does(createKeypair, { name: 'two' })
    expect(await refused(raised)).toMatchObject({
      kind: 'conflict',
      message: expect.stringContaining('project p1 uses 2 key_pairs, the limit cannot become 1'),
    })
    const gone = await does(deleteKeypair, { keypairs: ['two'] })
    await does(createKeypair, { name: 'three' })
    expect(await refused(gone)).toMatchObject({ kind: 'over-quota' })
    expect((await recordsOf(context.store, 'keypairs')).map(({ name }) => name)).toEqual(['one', 'three'])
  })

  it('for what is no change of records alone, with what takes it back', async () => {
    const { does, refused } = requestsOf(aContext())
    const request = await does(createToken, { name: 't' })
    expect(await refused(request)).toMatchObject({ kind: 'conflict', hint: 'take it back with nova token revoke' })
  })

  it('for a change that changed nothing', async () => {
    const { does, refused } = requestsOf(aContext())
    await does(createFlavor, big)
    const request = await does(setFlavor, { flavor: 'big' })
    expect(await refused(request)).toMatchObject({ kind: 'conflict', message: expect.stringContaining('nothing to undo') })
  })

  it.each([
    ['req-nobody', 'not-found'],
    ['0', 'not-found'],
    ['99', 'not-found'],
    ['', 'invalid'],
    ['-1', 'invalid'],
    ['a b', 'invalid'],
    ['__proto__', 'invalid'],
    ['constructor', 'not-found'],
    ['9'.repeat(16), 'not-found'],
    ['x'.repeat(256), 'invalid'],
  ])('for %j: %s', async (change, kind) => {
    const { does, refused } = requestsOf(aContext())
    await does(createFlavor, big)
    expect(await refused(change)).toMatchObject({ kind, message: expect.not.stringContaining('\n') })
  })
})
