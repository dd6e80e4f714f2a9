/** The core of one process, for as many callers as there are: one store, one ssh pool, one ledger of running flows. */
import type { Context } from '../actions/context.ts'
import type { Bus, Queues } from '../bus/bus.ts'
import type { ComputeClient } from '../compute/client.ts'
import type { AnyAction } from '../core/action.ts'
import type { Role } from '../core/call.ts'
import { Fault } from '../core/fault.ts'
import { perform, type RoleNeeded } from '../core/perform.ts'
import type { ProgressSink } from '../core/ports.ts'
import type { Elsewhere, FlowLedger, Flows } from '../flows/runner.ts'
import type { Host } from '../hosts/host.ts'
import { sshHosts } from '../hosts/ssh-hosts.ts'
import { readSettings, settingSources } from '../read-settings.ts'
import type { Settings } from '../settings.ts'
import { draftVault } from '../state/file-vault.ts'
import { auditLog } from '../state/json/audit-log.ts'
import type { Moment, Store } from '../state/store.ts'
import type { Vault } from '../state/vault.ts'
import { systemClock as clock } from '../system/clock.ts'
import { systemFs } from '../system/fs.ts'
import { systemProcesses } from '../system/processes.ts'
import { systemRandom as random } from '../system/random.ts'
import { resumeInBackground } from './background.ts'
import { hostFor, makeCompute } from './compute.ts'
import { makeFlows } from './flows.ts'
import { type Images, openImages } from './images.ts'
import { announceRecords } from './plan.ts'
import { openRecords } from './records.ts'

/** Who calls: the user, the project the call works in, and what the user may do there. */
export interface Caller {
  readonly userId: string
  readonly projectId: string
  readonly roles: readonly Role[]
}

export interface CoreOptions {
  readonly stateDirectory: string
  /** Check every output against its schema; on in tests and development. */
  readonly checkOutput?: boolean
  /** Asks a person for the passphrase of a private key. */
  readonly askPassphrase?: ((keyFile: string) => Promise<string | undefined>) | undefined
  /** Works flows that nobody owns; a process of its own by default. */
  readonly background?: (core: Core) => Promise<void>
  /** False: no call looks for work whose process died, because the daemon does so by itself. */
  readonly recovers?: boolean
  /** The message queue, for a daemon among others. */
  readonly bus?: DaemonBus | undefined
  /** Set for a daemon that leaves flows to conductors. */
  readonly elsewhere?: Elsewhere | undefined
  readonly note?: (message: string) => void
}

export type DaemonBus = Bus & { readonly queues: Queues }

export interface PerformOptions {
  readonly plan?: boolean
  /** `--at`: a revision or an ISO 8601 time. */
  readonly at?: string
  readonly signal: AbortSignal
  readonly progress: ProgressSink
  readonly requestId?: string
  /** Bytes of standard input, for sources given as `-`; the process's own by default. */
  readonly input?: () => AsyncIterable<Uint8Array>
  /** Takes what is written to `-`; the process's standard output by default. */
  readonly output?: (chunk: Uint8Array) => Promise<void>
}

export interface CallerOptions extends PerformOptions {
  readonly caller: Caller
  /** Where the call came in, for the audit log; `embedded` for the process of a command. */
  readonly door?: 'embedded' | 'socket' | 'https'
}

export interface Core {
  perform(action: AnyAction, input: unknown, options: CallerOptions): Promise<unknown>
  /** A connection to a unix socket on a host, for consoles. */
  connectSocket(host: string, path: string): ReturnType<Host['connect']>
  readonly store: Store
  readonly vault: Vault
  readonly images: Images
  /** The compute hosts, for the daemon's own looks. */
  compute(): ComputeClient
  /** The settings in force; another object after `reload`. */
  readonly settings: Settings
  readonly ledger: FlowLedger
  /** Reads settings and policy again and resolves with the policy; a fault leaves the old ones in force. */
  reload(): Promise<ReadonlyMap<string, RoleNeeded>>
  /** Writes what a new store begins with. */
  prepare(): Promise<void>
  /** The flows in nobody's name, for a daemon that adopts them. */
  flows(progress: ProgressSink): Flows
  close(): Promise<void>
}

/** Actions that judge what is there: nothing is seeded or recovered before them. */
const looksOnly: ReadonlySet<string> = new Set([
  'doctor.run',
  'doctor.journal',
  'db.version',
  'db.sync',
  'db.check',
  'status.check',
])

/** Opens the core of a state directory; nothing is read before the first call but the settings. */
export function openCore(options: CoreOptions): Core {
  const { stateDirectory } = options
  let settings = readSettings(systemFs, stateDirectory, process.env)
  const { store, vault, sweep, archive, upkeep } = openRecords(stateDirectory, settings.database)
  const { bus, elsewhere } = options
  const allImages = openImages({ stateDirectory, store, bus, settings: () => settings, note: options.note })
  const images = allImages.store
  const ledger: FlowLedger = { running: new Map(), stopping: undefined }
  const remote = sshHosts({ stateDirectory, clock, askPassphrase: options.askPassphrase })
  const audit = auditLog(`${stateDirectory}/audit.log`, systemFs)
  let policy: ReadonlyMap<string, RoleNeeded> | undefined
  let isSeeded = false

  async function contextFor(asked: CallerOptions): Promise<Context> {
    const { caller, plan = false, at, signal, progress, requestId, input, output } = asked
    const over = plan ? (await import('../state/draft.ts')).draftOf(store) : store
    const compute = makeCompute({ store: over, settings, plan, remote, bus })
    const ownVault = plan ? draftVault(vault) : vault
    return {
      ...caller,
      requestId: requestId ?? `req-${random.uuid()}`,
      signal,
      progress,
      plan,
      store: over,
      flows: makeFlows({ store: over, vault: ownVault, compute, plan, progress, settings, ledger, images, elsewhere }),
      compute,
      images,
      vault: ownVault,
      archive,
      upkeep,
      clock,
      random,
      settings,
      background,
      queues: bus?.queues,
      isRunning: (identity) => systemProcesses.isAlive(identity),
      acceptNewKey: (host) =>
        remote.acceptNew(host, { planning: plan, onAccepted: (message) => progress({ type: 'note', message }) }),
      verifyJournal: async () => (await upkeep()).verify(),
      audit: async (query, matches) => audit.list(query, matches),
      verifyAudit: () => audit.verify(),
      roleNeeded: async (action) => (await policyInForce()).get(action.name) ?? action.policy,
      settingSources: () => settingSources(systemFs, stateDirectory, process.env),
      checkConfiguration: async () => (await import('./configuration.ts')).checkConfiguration(stateDirectory),
      post: async (request) => (await import('../notifications/post.ts')).postJson(request),
      input: input ?? (() => process.stdin),
      ...(output ? { output } : {}),
      moment: at === undefined ? undefined : parseMoment(at),
    }
  }

  const background = () => options.background?.(core) ?? resumeInBackground(stateDirectory)

  /** Work whose process died: a write finishes it first, a read lets another process do it and does not wait. */
  async function recover(action: AnyAction, context: Context): Promise<void> {
    if (action.name === 'operation.resume' || action.name === 'server.create') await sweep()
    if (looksOnly.has(action.name) || action.name === 'operation.resume' || !(await hasOrphans())) return
    if (action.effect === 'read') await background()
    else await context.flows.adopt()
  }

  async function hasOrphans(): Promise<boolean> {
    const open = await store.read((reader) => reader.list('flows', { where: { open: true } }))
    const owners = open.flatMap(({ owner }) => (owner === null || systemProcesses.isAlive(owner) ? [] : [owner]))
    if (owners.length === 0 || settings.database === '') return owners.length > 0
    const { livingOwners } = await import('../flows/owners.ts')
    const isAlive = await livingOwners({ store, clock, processes: systemProcesses, settings })
    return owners.some((owner) => !isAlive(owner))
  }

  /** A new store begins with Nova's five flavors. */
  async function seed(over: Store): Promise<void> {
    if (isSeeded) return
    if (await over.read(async (reader) => reader.revision === 0)) {
      const { seedStore } = await import('../state/seed.ts')
      await seedStore(over, clock)
    }
    // A plan's seed stays in its draft.
    isSeeded = over === store
  }

  const loadPolicy = async (): Promise<ReadonlyMap<string, RoleNeeded>> =>
    systemFs.exists(`${stateDirectory}/policy.json`)
      ? (await import('../read-policy.ts')).readPolicy(systemFs, stateDirectory)
      : new Map()

  async function policyInForce(): Promise<ReadonlyMap<string, RoleNeeded>> {
    policy ??= await loadPolicy()
    return policy
  }

  const core: Core = {
    store,
    vault,
    images: allImages,
    ledger,
    get settings() {
      return settings
    },
    async perform(action, input, performOptions) {
      const context = await contextFor(performOptions)
      const run = async () => {
        if (!looksOnly.has(action.name)) await seed(context.store)
        if (options.recovers !== false && !context.plan && context.moment === undefined) await recover(action, context)
        const needs = (await policyInForce()).get(action.name)
        const output = await perform(action, input, context, { checkOutput: options.checkOutput ?? false, needs })
        if (context.plan) await announceRecords(context.store, store, action.name, context.progress)
        return output
      }
      if (action.effect === 'read' || context.plan) return run()
      const { audited } = await import('./audit.ts')
      return audited({ audit, action, input, context, door: performOptions.door ?? 'embedded' }, run)
    },
    async connectSocket(name, path) {
      const [record] = await store.read((reader) => reader.list('hosts', { where: { name }, limit: 1 }))
      if (!record) throw new Fault('not-found', `no host named ${name}`)
      return (await hostFor(record, remote)).connect(path)
    },
    async reload() {
      const next = readSettings(systemFs, stateDirectory, process.env)
      policy = await loadPolicy()
      settings = next
      return policy
    },
    prepare: () => seed(store),
    compute: () => makeCompute({ store, settings, plan: false, remote, bus }),
    flows(progress) {
      const compute = makeCompute({ store, settings, plan: false, remote, bus })
      return makeFlows({ store, vault, compute, plan: false, progress, settings, ledger, images, elsewhere })
    },
    async close() {
      await remote.close()
      await store.close()
    },
  }
  return core
}

/** `--at`: a revision number, or a time that the store parses. */
const parseMoment = (at: string): Moment => (/^\d{1,15}$/.test(at) ? { revision: Number(at) } : { time: at })
