/** A Context over a store in memory, with a fixed clock, seeded chance and fakes whose answers the test gives. */
import type { Context } from '../../src/actions/context.ts'
import type { ComputeClient, ComputeRequest } from '../../src/compute/client.ts'
import type { AnyAction } from '../../src/core/action.ts'
import { Fault } from '../../src/core/fault.ts'
import { perform } from '../../src/core/perform.ts'
import type { Clock, ProgressEvent, Random } from '../../src/core/ports.ts'
import type { Flows } from '../../src/flows/runner.ts'
import type { TableName, Tables } from '../../src/model/tables.ts'
import { defaultSettings } from '../../src/settings.ts'
import { memoryArchive } from '../../src/state/archive-memory.ts'
import { MemoryStore } from '../../src/state/memory.ts'
import type { Store } from '../../src/state/store.ts'
import type { Vault } from '../../src/state/vault.ts'
import { anUpkeep } from './an-upkeep.ts'
import { fakeImages } from './fake-images.ts'

/** 2026-01-01T00:00:00Z, moved by `advance`. */
export function fixedClock(start = Date.UTC(2026, 0, 1)): Clock & { advance(ms: number): void } {
  let now = start
  return {
    wall: () => now,
    monotonic: () => now - start,
    sleep: async (ms) => {
      now += ms
    },
    deadline: () => new AbortController().signal,
    advance: (ms) => {
      now += ms
    },
  }
}

/** The same ids in every run. */
export function seededRandom(): Random {
  let count = 0
  return {
    bytes: (length) => Uint8Array.from({ length }, (_, index) => (index * 7 + 1) % 256),
    uuid: () => `00000000-0000-4000-8000-${String(++count).padStart(12, '0')}`,
  }
}

/** Answers of compute hosts; what the test did not say is unreachable. */
export const fakeCompute = (answer: (request: ComputeRequest) => unknown): ComputeClient => ({
  call: async (request) => {
    const result = await answer(request)
    if (result === undefined) throw new Fault('unreachable', `host ${request.host} does not answer ${request.method}`)
    return result as never
  },
})

function memoryVault(): Vault {
  const kept = new Map<string, string>()
  return {
    put: (serverId, name, text) => void kept.set(`${serverId}/${name}`, text),
    get: (serverId, name) => kept.get(`${serverId}/${name}`),
    forget: (serverId) => {
      for (const key of kept.keys()) if (key.startsWith(`${serverId}/`)) kept.delete(key)
    },
  }
}

const notHere = async () => {
  throw new Fault('internal', 'this test has no flows')
}
/** No flow is ever open; beginning one is an error. */
const noFlows: Flows = {
  begin: notHere,
  run: notHere,
  attend: notHere,
  orphans: async () => [],
  adopt: async () => [],
  preempt: notHere,
  handOver: async () => [],
  note: notHere,
}

export interface TestContext extends Context {
  readonly clock: ReturnType<typeof fixedClock>
  readonly images: ReturnType<typeof fakeImages>
  readonly events: readonly ProgressEvent[]
}

/** A context of an admin in project p1; override what the test is about. */
export function aContext(overrides: Partial<Omit<Context, 'clock' | 'images'>> = {}, clock = fixedClock()): TestContext {
  const events: ProgressEvent[] = []
  const archive = memoryArchive()
  const base = {
    userId: 'alice',
    projectId: 'p1',
    roles: ['admin'] as const,
    requestId: 'req-1',
    signal: new AbortController().signal,
    progress: (event: ProgressEvent) => void events.push(event),
    plan: false,
    store: new MemoryStore(clock),
    flows: noFlows,
    compute: fakeCompute(() => undefined),
    vault: memoryVault(),
    archive: async () => archive,
    upkeep: async () => anUpkeep(),
    random: seededRandom(),
    settings: { ...defaultSettings, instancesPath: '/instances' },
    background: async () => {},
    acceptNewKey: () => {},
    verifyJournal: async () => ({ problems: [], survives: [], snapshotRevision: 0, tornBytes: 0, segments: 0 }),
    audit: async () => [],
    verifyAudit: async () => ({ lines: 0, unlinked: 0, head: '', problems: [] }),
    roleNeeded: async (action: AnyAction) => action.policy,
    settingSources: () => [],
    checkConfiguration: async () => [],
    post: async () => undefined,
    moment: undefined,
  }
  return { ...base, images: fakeImages(), ...overrides, clock, events }
}

type Caller = Partial<Pick<Context, 'userId' | 'projectId' | 'roles' | 'plan' | 'store' | 'compute'>>

/** The same world as another caller sees it. */
export const seenBy = (context: TestContext, caller: Caller): TestContext => ({ ...context, ...caller })

/** A plain member of another project. */
export const mallory: Caller = { userId: 'mallory', projectId: 'p2', roles: ['member'] }

/** Runs an action as every façade does, its output checked. */
export const performed = async (action: AnyAction, input: unknown, context: Context) =>
  perform(action, input, context, { checkOutput: true })

/** The fault that an action ends with; an error when it ends well. */
export async function faultOf(action: AnyAction, input: unknown, context: Context): Promise<Fault> {
  try {
    await performed(action, input, context)
  } catch (error) {
    if (error instanceof Fault) return error
    throw error
  }
  throw new Error(`${action.name} was expected to fail`)
}

/** Puts records into the store. */
export async function given<N extends TableName>(context: Context, table: N, ...records: Tables[N][]): Promise<void> {
  await context.store.transaction({ actor: 'test', request: 'req-0', action: 'given' }, async (tx) => {
    for (const record of records) await tx.insert(table, record)
  })
}

/** All records of a table. */
export const recordsOf = <N extends TableName>(store: Store, table: N): Promise<Tables[N][]> =>
  store.read((reader) => reader.list(table))
