/** A whole small cloud in memory: real actions, flows, bus and agents over fake hypervisors on scripted hosts. */
import type { Context } from '../../src/actions/context.ts'
import type { Bus, Serve } from '../../src/bus/bus.ts'
import { localBus } from '../../src/bus/local.ts'
import { computeAgent } from '../../src/compute/agent.ts'
import { type ComputeRequest, computeClient } from '../../src/compute/client.ts'
import type { Plans } from '../../src/compute/host-view.ts'
import { Fault } from '../../src/core/fault.ts'
import type { ProcessIdentity, Random } from '../../src/core/ports.ts'
import { type FakeFault, fakeDriver } from '../../src/drivers/fake/index.ts'
import { fakeInventory } from '../../src/drivers/fake/inventory.ts'
import { flowCatalogue } from '../../src/flows/catalogue.ts'
import type { AnyFlow } from '../../src/flows/flow.ts'
import { type Elsewhere, flowRunner } from '../../src/flows/runner.ts'
import { type ScriptedHost, scriptedHost } from '../../src/hosts/scripted.ts'
import { seedStore } from '../../src/state/seed.ts'
import type { Store } from '../../src/state/store.ts'
import { aContext, type TestContext } from './a-context.ts'
import { aHost } from './a-host.ts'
import { anImage } from './an-image.ts'

export interface Cloud {
  readonly context: TestContext
  readonly hosts: ReadonlyMap<string, ScriptedHost>
  /** Tells a host's hypervisor to misbehave from now on. */
  misbehave(host: string, faults: readonly FakeFault[]): Promise<void>
  /** The same cloud as another process sees it; `mortal` dies (never answers again) after that many effects. */
  process(pid: number, options?: ProcessOptions): TestContext
  /** Processes that are dead from now on. */
  readonly dead: Set<number>
  /** Hosts that nobody reaches from now on; what they hold stays. */
  readonly silent: Set<string>
  /** The same cloud in a plan. */
  planning(): Promise<TestContext>
}

export interface ProcessOptions {
  readonly mortal?: { effects: number }
  /** Calls of this method wait, as those of a process that was stopped, until the gate opens. */
  readonly paused?: { readonly method: string; readonly gate: Promise<unknown> }
  /** The process leaves its flows to conductors. */
  readonly elsewhere?: Elsewhere
}

/** Who serves a host's topic. */
export type AgentOf = (topic: string) => Promise<Serve | undefined>

const instances = '/instances'

export interface CloudOptions {
  /** Other flows under the same names, for example with a step that fails. */
  readonly catalogue?: ReadonlyMap<string, AnyFlow>
  /** Puts something between the agents and a host. */
  readonly around?: (host: ScriptedHost) => ScriptedHost
  readonly random?: Random
  /** Hears of each call to a host. */
  readonly onCall?: (request: ComputeRequest) => void
  /** A clock that goes by itself. */
  readonly clock?: TestContext['clock']
  /** What a process reaches its hosts by: a bus inside it by default. */
  readonly busOf?: (pid: number, agentOf: AgentOf) => Bus
  /** Milliseconds that a call to a host may take. */
  readonly deadlineMs?: number
}

/** Hosts by name, an image `cirros` and Nova's flavors are there. */
export async function aCloud(
  names: readonly string[] = ['host-a', 'host-b'],
  { catalogue = flowCatalogue, around = (host) => host, random, onCall, clock, busOf, deadlineMs }: CloudOptions = {},
): Promise<Cloud> {
  const base = aContext(random ? { random } : {}, clock)
  const hosts = new Map<string, ScriptedHost>()
  for (const name of names) hosts.set(name, around(await scriptedHost({ name, files: { [`${instances}/.keep`]: '' } })))
  await fill(base, names)
  const dead = new Set<number>()
  const silent = new Set<string>()
  const process = (pid: number, { mortal, paused, elsewhere }: ProcessOptions = {}) => {
    const identity: ProcessIdentity = { pid, startTime: String(pid), bootId: 'boot' }
    const store = mortal ? mortalStore(base.store, mortal) : base.store
    const context = { ...base, store, requestId: `req-${pid}` }
    return wired(context, hosts, {
      catalogue,
      identity,
      dead,
      silent,
      plan: false,
      ...(onCall ? { onCall } : {}),
      ...{ busOf, deadlineMs, elsewhere },
      ...(mortal ? { mortal } : {}),
      ...(paused ? { paused } : {}),
    })
  }
  return {
    hosts,
    dead,
    silent,
    process,
    context: process(1),
    planning: async () => {
      const { draftOf } = await import('../../src/state/draft.ts')
      const identity = { pid: 1, startTime: '1', bootId: 'boot' }
      return wired({ ...base, store: draftOf(base.store), plan: true }, hosts, { catalogue, identity, dead, silent, plan: true })
    },
    misbehave: async (host, faults) => {
      await hosts.get(host)?.writeFile(`${instances}/faults.json`, JSON.stringify(faults))
    },
  }
}

interface Wiring {
  readonly catalogue: ReadonlyMap<string, AnyFlow>
  readonly identity: ProcessIdentity
  readonly dead: ReadonlySet<number>
  readonly silent: ReadonlySet<string>
  readonly plan: boolean
  readonly mortal?: { effects: number }
  readonly paused?: ProcessOptions['paused']
  readonly onCall?: CloudOptions['onCall']
  readonly busOf?: CloudOptions['busOf'] | undefined
  readonly deadlineMs?: number | undefined
  readonly elsewhere?: Elsewhere | undefined
}

function wired(context: TestContext, hosts: ReadonlyMap<string, ScriptedHost>, wiring: Wiring): TestContext {
  const { clock } = context
  const plans: Plans = new Map()
  const agentOf: AgentOf = async (topic) => {
    const host = hosts.get(topic.replace('compute.', ''))
    const peer = async (name: string) => ({ host: hosts.get(name) as ScriptedHost, instancesPath: instances, fenced: false })
    const makeDriver = (options: { host: ScriptedHost; epoch: number }) =>
      fakeDriver({ ...options, instancesPath: instances, clock, receive: context.images.receive })
    return host && computeAgent({ host, instancesPath: instances, fenced: false, makeDriver: makeDriver as never, peer, plans })
  }
  const bus = wiring.busOf?.(wiring.identity.pid, agentOf) ?? localBus({ clock, resolve: agentOf })
  const client = computeClient({ bus, deadlineMs: wiring.deadlineMs ?? 60_000, plan: wiring.plan })
  const compute = {
    call: async (request: ComputeRequest) => {
      wiring.onCall?.(request)
      if (wiring.mortal && spend(wiring.mortal)) return forever()
      if (wiring.paused?.method === request.method) await wiring.paused.gate
      if (wiring.silent.has(request.host)) throw new Fault('unreachable', `host ${request.host} does not answer`)
      return client.call(request)
    },
  } as Context['compute']
  const tools = { ...context, compute, images: { ...context.images, path: (digest: string) => `/images/${digest}` } }
  const processes = { self: () => wiring.identity, isAlive: ({ pid }: ProcessIdentity) => !wiring.dead.has(pid) }
  return {
    ...context,
    compute,
    flows: flowRunner({ catalogue: wiring.catalogue, tools, processes, elsewhere: wiring.elsewhere }),
  }
}

/** True when the process has no effect left to make: it is dead. */
function spend(mortal: { effects: number }): boolean {
  mortal.effects -= 1
  return mortal.effects < 0
}
const forever = () => new Promise<never>(() => undefined)

/** A dead process reads and writes nothing, and nobody hears of it again. */
const mortalStore = (store: Store, mortal: { effects: number }): Store =>
  new Proxy(store, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name)
      if (typeof value !== 'function') return value
      if (name !== 'transaction') return (...args: unknown[]) => (mortal.effects < 0 ? forever() : value.apply(target, args))
      return (...args: unknown[]) => (spend(mortal) ? forever() : value.apply(target, args))
    },
  })

async function fill(context: TestContext, names: readonly string[]): Promise<void> {
  await seedStore(context.store, context.clock)
  await context.store.transaction({ actor: 'test', request: 'fill', action: 'fill' }, async (tx) => {
    for (const name of names)
      await tx.insert(
        'hosts',
        aHost({ id: name, name, driver: 'fake', instancesPath: instances, inventory: fakeInventory(name) }),
      )
    await tx.insert('images', anImage({ id: 'image-1', name: 'cirros', projectId: 'p1' }))
  })
}

/** What a host really has: directories of guests, without its cache and its fault file. */
export async function guestsOn(host: ScriptedHost | undefined): Promise<string[]> {
  if (!host) throw new Fault('not-found', 'no such host')
  return (await host.readdir(instances)).filter((name) => /^[0-9a-f-]{36}$/.test(name))
}
