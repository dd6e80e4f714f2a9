import { describe, expect, it } from 'vitest'
import { create } from '../../../../src/actions/keypair/create.ts'
import { remove } from '../../../../src/actions/keypair/delete.ts'
import { importKey } from '../../../../src/actions/keypair/import.ts'
import { list } from '../../../../src/actions/keypair/list.ts'
import { show } from '../../../../src/actions/keypair/show.ts'
import { keypairId } from '../../../../src/model/keypair.ts'
import { aContext, faultOf, given, mallory, performed, recordsOf, seenBy } from '../../../support/a-context.ts'
import { keepsToTheNoun } from '../../../support/noun-contract.ts'

const publicKey = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA alice@laptop'
const aKeypair = (name: string, userId = 'alice') => ({
  id: keypairId(userId, name),
  generation: 1,
  userId,
  name,
  type: 'ssh' as const,
  publicKey,
  fingerprint: 'aa:bb',
  sha256: 'SHA256:x',
  createdAt: '2026-01-01T00:00:00.000Z',
})

keepsToTheNoun({
  table: 'keypairs',
  record: (name) => aKeypair(name),
  show,
  showField: 'keypair',
  remove,
  removeField: 'keypairs',
  scoped: true,
})

describe('keypair create', () => {
  it('gives the private key once and keeps no trace of it', async () => {
    const context = aContext()
    const made = Object(await performed(create, { name: 'mine' }, context))
    expect(made).toMatchObject({ name: 'mine', type: 'ssh', publicKey: expect.stringMatching(/^ssh-ed25519 \S+ alice@mine$/) })
    const secret = made.privateKey.split('\n').slice(1, -2).join('\n')
    const [record] = await recordsOf(context.store, 'keypairs')
    const history = await context.store.history('keypairs', 'alice/mine')
    for (const kept of [record, history, context.events]) expect(JSON.stringify(kept)).not.toContain(secret.slice(80, 140))
    expect(await performed(show, { keypair: 'mine' }, context)).not.toHaveProperty('privateKey')
  })

  it('keeps a public key that is given', async () => {
    expect(await performed(create, { name: 'mine', publicKey }, aContext())).toMatchObject({ publicKey, privateKey: null })
  })

  it('gives no key in a plan', async () => {
    expect(await performed(create, { name: 'mine' }, aContext({ plan: true }))).toMatchObject({ privateKey: null })
  })

  it.each([
    [{ name: 'a/b' }, 'name has characters'],
    [{ name: 'k', bits: 2048 }, 'bits belongs to rsa keys, not to ed25519'],
    [{ name: 'k', algorithm: 'rsa', bits: 1024 }, 'bits is 1024, the least is 2048'],
    [{ name: 'k', algorithm: 'dsa' }, 'algorithm must be one of: ed25519, rsa'],
    [{ name: 'k', publicKey: 'x'.repeat(16_385) }, 'publicKey has 16385 characters'],
  ])('refuses %j', async (input, message) => {
    const fault = await faultOf(create, input, aContext())
    expect(fault.kind).toBe('invalid')
    expect(fault.message).toContain(message)
  })

  it('keeps within the quota of a user', async () => {
    const context = aContext()
    await given(context, 'quotas', { id: 'p1', generation: 1, limits: [['key_pairs', 1]] })
    await given(context, 'keypairs', aKeypair('first'), aKeypair('other', 'bob'))
    expect(await faultOf(create, { name: 'second' }, context)).toMatchObject({
      kind: 'over-quota',
      message: 'user alice would have 2 key pairs, the limit is 1 (1 in use)',
    })
  })
})

describe('keypair import', () => {
  it('refuses a name that is taken, unless it is that very key and the caller agrees', async () => {
    const context = aContext()
    await performed(importKey, { name: 'mine', publicKey }, context)
    expect(await faultOf(importKey, { name: 'mine', publicKey }, context)).toMatchObject({ kind: 'exists' })
    expect(await performed(importKey, { name: 'mine', publicKey, orReuse: true }, context)).toMatchObject({ name: 'mine' })
    const other = publicKey.replace('IAAAA', 'IBBBB')
    expect(await faultOf(importKey, { name: 'mine', publicKey: other, orReuse: true }, context)).toMatchObject({ kind: 'exists' })
  })
})

describe('keypair list', () => {
  it("shows the user's own, page by page", async () => {
    const context = aContext()
    await given(context, 'keypairs', aKeypair('a'), aKeypair('b'), aKeypair('c', 'bob'))
    const names = async (input: object, as = context) =>
      Array.from(Object(await performed(list, input, as)), ({ name }: { name: string }) => name)
    expect(await names({})).toEqual(['a', 'b'])
    expect(await names({ marker: 'a' })).toEqual(['b'])
    expect(await names({ limit: 1 })).toEqual(['a'])
    expect(await names({}, seenBy(context, mallory))).toEqual([])
  })
})
