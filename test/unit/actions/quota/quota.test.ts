import { describe, expect, it } from 'vitest'
import { show as showLimits } from '../../../../src/actions/limits/show.ts'
import { set } from '../../../../src/actions/quota/set.ts'
import { show } from '../../../../src/actions/quota/show.ts'
import { checkCount, checkQuota, usageOf } from '../../../../src/actions/quota/usage.ts'
import { aContext, faultOf, given, mallory, performed, recordsOf, seenBy } from '../../../support/a-context.ts'
import { aServer } from '../../../support/a-server.ts'

/** Project p1 with three servers of 512 MiB and one vCPU, one of them in error; one deleted, one of p2. */
async function world(limits: [string, number][] = []) {
  const context = aContext()
  const servers = [{}, {}, { vmState: 'error' as const }, { deleted: true }, { projectId: 'p2' }]
  await given(context, 'servers', ...servers.map((change, n) => aServer({ id: `s${n}`, ...change })))
  if (limits.length > 0) await given(context, 'quotas', { id: 'p1', generation: 1, limits })
  return context
}

describe('quota usage', () => {
  it('is counted from the records of the project', async () => {
    const context = await world()
    expect(await context.store.read((reader) => usageOf(reader, 'p1'))).toEqual({ instances: 3, cores: 3, ram: 1536 })
    expect(await context.store.read((reader) => usageOf(reader, '__proto__'))).toEqual({ instances: 0, cores: 0, ram: 0 })
  })

  it.each([
    [[['instances', 3]], { instances: 1 }, 'project p1 would have 4 instances, the limit is 3 (3 in use)'],
    [[['cores', 4]], { instances: 1, cores: 2 }, 'project p1 would have 5 cores, the limit is 4 (3 in use)'],
    [[['ram', 2000]], { ram: 512 }, 'project p1 would have 2048 MB of ram, the limit is 2000 (1536 in use)'],
    [[], { instances: 8 }, 'project p1 would have 11 instances, the limit is 10 (3 in use)'],
    [[], { metadata_items: 129 }, 'project p1 would have 129 metadata items, the limit is 128 (0 in use)'],
  ] as [[string, number][], object, string][])('with limits %j refuses %j', async (limits, want, message) => {
    const context = await world(limits)
    const check = context.store.read((reader) => checkQuota(reader, 'p1', want))
    await expect(check).rejects.toMatchObject({ kind: 'over-quota', message, details: { used: expect.any(Number) } })
  })

  it.each([
    [[['instances', 4]], { instances: 1 }],
    [[['instances', -1]], { instances: 1_000_000 }],
    [[['instances', 1]], { instances: 0, ram: 512 }],
    [[['instances', 1]], { instances: -1 }],
    [[], {}],
  ] as [[string, number][], object][])('with limits %j allows %j', async (limits, want) => {
    const context = await world(limits)
    await expect(context.store.read((reader) => checkQuota(reader, 'p1', want))).resolves.toBeUndefined()
  })

  it('checks single counts too', async () => {
    const context = await world([['server_groups', 1]])
    await expect(context.store.read((reader) => checkCount(reader, 'p1', 'server_groups', 0))).resolves.toBeUndefined()
    await expect(context.store.read((reader) => checkCount(reader, 'p1', 'server_groups', 1))).rejects.toMatchObject({
      message: 'project p1 would have 2 server groups, the limit is 1 (1 in use)',
    })
  })
})

describe('quota show and set', () => {
  it('show defaults, own limits and use', async () => {
    const context = await world([['cores', -1]])
    expect(await performed(show, {}, context)).toEqual(
      expect.arrayContaining([
        { projectId: 'p1', resource: 'instances', limit: 10, used: 3 },
        { projectId: 'p1', resource: 'cores', limit: -1, used: 3 },
        { projectId: 'p1', resource: 'metadata_items', limit: 128, used: null },
      ]),
    )
  })

  it('change only what is named and count on', async () => {
    const context = await world([['cores', 50]])
    await performed(set, { instances: 3, keyPairs: -1 }, context)
    await performed(set, { instances: 4 }, context)
    expect(await recordsOf(context.store, 'quotas')).toMatchObject([
      {
        id: 'p1',
        limits: [
          ['cores', 50],
          ['instances', 4],
          ['key_pairs', -1],
        ],
      },
    ])
    expect(await performed(set, { project: 'p9', ram: 0 }, context)).toEqual(
      expect.arrayContaining([{ projectId: 'p9', resource: 'ram', limit: 0, used: 0 }]),
    )
  })

  it('refuse a limit below what is in use, unless forced', async () => {
    const context = await world()
    expect(await faultOf(set, { ram: 1000 }, context)).toMatchObject({
      kind: 'conflict',
      message: 'project p1 uses 1536 ram, the limit cannot become 1000',
    })
    await performed(set, { ram: 1000, force: true }, context)
    expect(await recordsOf(context.store, 'quotas')).toMatchObject([{ limits: [['ram', 1000]] }])
  })

  it.each([
    ['set', set, { instances: -2 }, 'invalid'],
    ['set', set, { instances: 2 ** 31 }, 'invalid'],
    ['set', set, { floatingIps: 1 }, 'invalid'],
    ['set', set, { project: '../p1', ram: 1 }, 'invalid'],
  ] as const)('%s refuses bad input', async (_, action, input, kind) => {
    expect(await faultOf(action, input, await world())).toMatchObject({ kind })
  })

  it('are closed to other projects', async () => {
    const other = seenBy(await world(), mallory)
    for (const action of [show, showLimits]) {
      expect(await faultOf(action, { project: 'p1' }, other)).toMatchObject({ kind: 'forbidden' })
      expect(await performed(action, {}, other)).toEqual(expect.arrayContaining([expect.objectContaining({ used: 1 })]))
    }
    expect(await faultOf(set, { ram: 1 }, other)).toMatchObject({ kind: 'forbidden' })
  })
})

describe('limits show', () => {
  it("uses Nova's names", async () => {
    expect(await performed(showLimits, {}, await world([['ram', 4096]]))).toEqual(
      expect.arrayContaining([
        { name: 'maxTotalInstances', maximum: 10, used: 3 },
        { name: 'maxTotalRAMSize', maximum: 4096, used: 1536 },
        { name: 'maxPersonality', maximum: 5, used: null },
      ]),
    )
  })
})
