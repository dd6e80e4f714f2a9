/** Undo from history over a store: random requests are undone and done again, and what must stand in the way does. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addHost } from '../../src/actions/aggregate/add-host.ts'
import { create as createAggregate } from '../../src/actions/aggregate/create.ts'
import { remove as deleteAggregate } from '../../src/actions/aggregate/delete.ts'
import { removeHost } from '../../src/actions/aggregate/remove-host.ts'
import { set as setAggregate } from '../../src/actions/aggregate/set.ts'
import { unset as unsetAggregate } from '../../src/actions/aggregate/unset.ts'
import { create as createFlavor } from '../../src/actions/flavor/create.ts'
import { remove as deleteFlavor } from '../../src/actions/flavor/delete.ts'
import { set as setFlavor } from '../../src/actions/flavor/set.ts'
import { unset as unsetFlavor } from '../../src/actions/flavor/unset.ts'
import { remove as removeHostRecord } from '../../src/actions/host/remove.ts'
import { set as setHost } from '../../src/actions/host/set.ts'
import { unset as unsetHost } from '../../src/actions/host/unset.ts'
import { set as setImage } from '../../src/actions/image/set.ts'
import { unset as unsetImage } from '../../src/actions/image/unset.ts'
import { create as createKeypair } from '../../src/actions/keypair/create.ts'
import { remove as deleteKeypair } from '../../src/actions/keypair/delete.ts'
import { set as setQuota } from '../../src/actions/quota/set.ts'
import { lock } from '../../src/actions/server/lock.ts'
import { rename } from '../../src/actions/server/rename.ts'
import { set as setServer } from '../../src/actions/server/set.ts'
import { unlock } from '../../src/actions/server/unlock.ts'
import { unset as unsetServer } from '../../src/actions/server/unset.ts'
import { create as createGroup } from '../../src/actions/server-group/create.ts'
import { remove as deleteGroup } from '../../src/actions/server-group/delete.ts'
import { disable } from '../../src/actions/service/disable.ts'
import { enable } from '../../src/actions/service/enable.ts'
import { forceDown } from '../../src/actions/service/force-down.ts'
import type { AnyAction } from '../../src/core/action.ts'
import { Fault } from '../../src/core/fault.ts'
import { recordsOf, type TestContext } from '../support/a-context.ts'
import { aRecordOnlyCloud } from '../support/record-only-cloud.ts'
import { type Requests, requestsOf, saidIn } from '../support/undone-requests.ts'
import type { StoreUnderTest } from './store-contract.ts'

/** How many random histories are tried, and how long they are. */
interface Amount {
  readonly numRuns: number
  readonly maxLength: number
}

type Step = readonly [action: AnyAction, input: object]

const start = Date.UTC(2026, 0, 1)
const hourMs = 3_600_000
const publicKey = `ssh-ed25519 ${'AAAAC3NzaC1lZDI1NTE5AAAAI'.padEnd(68, 'A')} a@b`
const name = fc.constantFrom('a', 'b', 'c')
const word = fc.constantFrom('x', 'y', '__proto__')
const server = fc.constantFrom('s1', 's2')
const host = fc.constantFrom('h1', 'h2')
const step = (action: AnyAction, fields: { readonly [field: string]: fc.Arbitrary<unknown> }): fc.Arbitrary<Step> =>
  fc.record(fields).map((input) => [action, input] as const)
const pair = fc.tuple(word, word).map((one) => [one])
const always = fc.constant(true)

/** One request of any action that can be undone; many of them are refused, and change nothing. */
const anyStep = fc.oneof(
  step(createFlavor, { name, ram: fc.constantFrom(1, 2), vcpus: fc.constant(1) }),
  step(deleteFlavor, { flavors: fc.uniqueArray(name, { minLength: 1 }), ifExists: always }),
  step(setFlavor, { flavor: name, extraSpecs: pair, description: word }),
  step(unsetFlavor, { flavor: name, extraSpecs: fc.constant(['x']), description: fc.boolean() }),
  step(createAggregate, { name }),
  step(deleteAggregate, { aggregates: fc.uniqueArray(name, { minLength: 1 }), ifExists: always }),
  step(setAggregate, { aggregate: name, name, metadata: pair }),
  step(unsetAggregate, { aggregate: name, metadata: fc.constant(['x']) }),
  step(addHost, { aggregate: name, host }),
  step(removeHost, { aggregate: name, host }),
  step(removeHostRecord, { hosts: fc.constantFrom(['h2'], ['h1']) }),
  step(setHost, { host, disable: always, reason: word }),
  step(setHost, { host, enable: always, reservedMemoryMb: fc.constantFrom(1, 2) }),
  step(unsetHost, { host, reservedMemoryMb: always }),
  step(setQuota, { cores: fc.constantFrom(2, 3), keyPairs: fc.constantFrom(1, 2, 5) }),
  step(createKeypair, { name, publicKey: fc.constant(publicKey) }),
  step(deleteKeypair, { keypairs: name.map((one) => [one]) }),
  step(createGroup, { name, policy: fc.constant('affinity') }),
  step(deleteGroup, { serverGroups: name.map((one) => [one]) }),
  step(setImage, { image: fc.constant('i1'), properties: pair, name, visibility: fc.constantFrom('public', 'private') }),
  step(setImage, { image: fc.constant('i1'), kernel: fc.constant('k1'), protected: fc.boolean() }),
  step(unsetImage, { image: fc.constant('i1'), kernel: fc.boolean(), properties: fc.constant(['y']) }),
  step(rename, { server, name }),
  step(setServer, { server, metadata: pair }),
  step(unsetServer, { server, keys: fc.constant(['x', 'role']) }),
  step(lock, { server, reason: word }),
  step(unlock, { server }),
  step(disable, { service: fc.constant('c1'), reason: word }),
  step(enable, { service: fc.constant('c1') }),
  step(forceDown, { service: fc.constant('c1'), unset: fc.boolean() }),
)

/** Ids of the requests that changed what records say, and what they said before and after each. */
async function doneIn(context: TestContext, { does }: Requests, steps: readonly Step[]) {
  const states = [await saidIn(context)]
  const requests: string[] = []
  for (const [action, input] of steps) {
    const request = await does(action, input).catch((error: unknown) => refusedOrThrow(error))
    const now = await saidIn(context)
    if (request === undefined || JSON.stringify(now) === JSON.stringify(states.at(-1))) continue
    requests.push(request)
    states.push(now)
  }
  return { states, requests }
}

function refusedOrThrow(error: unknown): undefined {
  if (!(error instanceof Fault) || error.kind === 'internal') throw error
}

/** Every request is undone, the last one first, and then every undo, with the records compared after each. */
async function thereAndBack(context: TestContext, steps: readonly Step[]): Promise<void> {
  const requests = requestsOf(context)
  const done = await doneIn(context, requests, steps)
  const undos: string[] = []
  for (const [index, request] of [...done.requests.entries()].reverse()) {
    const result = await requests.undoes(request)
    expect(result).toMatchObject({ result: 'undone', request })
    undos.push(String(result.undoneBy))
    expect(await saidIn(context)).toEqual(done.states[index])
  }
  for (const [index, undo] of undos.reverse().entries()) {
    expect(await requests.undoes(undo)).toMatchObject({ result: 'undone' })
    expect(await saidIn(context)).toEqual(done.states[index + 1])
  }
}

export function undoContract(title: string, open: () => Promise<StoreUnderTest>, { numRuns, maxLength }: Amount): void {
  const over = (body: (context: TestContext, setTime: StoreUnderTest['setTime']) => Promise<void>) => async () => {
    const { store, close, setTime } = await open()
    try {
      await body(await aRecordOnlyCloud(store), setTime)
    } finally {
      await close()
    }
  }

  describe(`undo over ${title}`, () => {
    it('of random requests, the last one first, leads back to the start, and its undo to the end again', async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(anyStep, { minLength: 1, maxLength, size: 'max' }), async (steps) => {
          await over((context) => thereAndBack(context, steps))()
        }),
        { numRuns, seed: 20261123 },
      )
    }, 120_000)

    it(
      'puts a removed host back into its aggregates, in one revision',
      over(async (context) => {
        const { does, undoes } = requestsOf(context)
        const before = await saidIn(context)
        const request = await does(removeHostRecord, { hosts: ['h2'] })
        const revision = await context.store.read(async (reader) => reader.revision)
        expect(await undoes(request)).toMatchObject({
          revision: revision + 1,
          records: [{ type: 'host' }, { type: 'aggregate' }],
        })
        expect(await saidIn(context)).toEqual(before)
      }),
    )

    it(
      'is not hindered by what hosts and services report of themselves, and keeps it',
      over(async (context) => {
        const { does, undoes } = requestsOf(context)
        const requests = [await does(disable, { service: 'c1' }), await does(setHost, { host: 'h1', disable: true })]
        await context.store.transaction({ actor: 'c1', request: 'service-c1', action: 'service.report' }, async (tx) => {
          const [service, found] = [await tx.get('services', 'c1'), await tx.get('hosts', 'id-h1')]
          if (service) await tx.update('services', { ...service, lastSeen: '2026-02-01T00:00:00.000Z' })
          if (found) await tx.update('hosts', { ...found, failedBuilds: 3 })
        })
        for (const request of requests) await undoes(request)
        const [service] = await recordsOf(context.store, 'services')
        expect(service).toMatchObject({ enabled: true, disabledReason: null, lastSeen: '2026-02-01T00:00:00.000Z' })
        expect(await recordsOf(context.store, 'hosts')).toMatchObject([{ enabled: true, failedBuilds: 3 }, {}])
      }),
    )

    it(
      'ends where history was purged, and goes on behind it',
      over(async (context, setTime) => {
        if (!context.store.purgeHistory) return
        const { does, undoes, refused } = requestsOf(context)
        const older = await does(rename, { server: 's1', name: 'old' })
        const number = await context.store.read(async (reader) => reader.revision)
        setTime(start + 10 * hourMs)
        const newer = [await does(rename, { server: 's2', name: 'new' }), await does(rename, { server: 's1', name: 'newer' })]
        await context.store.purgeHistory(new Date(start + 5 * hourMs).toISOString())
        expect(await refused(older)).toMatchObject({ kind: 'not-found', hint: expect.stringContaining(`from ${number + 1} on`) })
        expect(await refused(String(number))).toMatchObject({
          kind: 'not-found',
          message: `what was before revision ${number} is not known: history begins with revision ${number + 1}`,
        })
        for (const request of newer) expect(await undoes(request)).toMatchObject({ result: 'undone' })
        expect((await recordsOf(context.store, 'servers')).map((server) => server.name)).toEqual(['old', 'web-2'])
      }),
    )

    it(
      'of one change by many callers at once is made once',
      over(async (context) => {
        const { does, undoes } = requestsOf(context)
        const request = await does(rename, { server: 's1', name: 'blue' })
        const results = await Promise.all(Array.from({ length: 5 }, () => undoes(request)))
        expect(results.filter(({ result }) => result === 'undone')).toHaveLength(1)
        expect(new Set(results.map(({ undoneBy, revision }) => `${undoneBy} ${revision}`)).size).toBe(1)
        expect((await recordsOf(context.store, 'servers')).map((server) => server.name)).toEqual(['web-1', 'web-2'])
      }),
    )
  })
}
