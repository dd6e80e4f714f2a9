/** The composition root: the only file that names adapters. Everything that a read does not need is loaded when it is used. */
import type { Context } from './actions/context.ts'
import type { ComputeClient } from './compute/client.ts'
import type { AnyAction } from './core/action.ts'
import type { Role } from './core/call.ts'
import { Fault } from './core/fault.ts'
import { perform } from './core/perform.ts'
import type { ProgressSink } from './core/ports.ts'
import type { Flows } from './flows/runner.ts'
import type { Host } from './hosts/host.ts'
import { sshHosts } from './hosts/ssh-hosts.ts'
import type { ImageStore } from './image/store.ts'
import { lazily } from './lazily.ts'
import { hostFor, makeCompute } from './main-compute.ts'
import { readSettings } from './read-settings.ts'
import type { DraftStore } from './state/draft.ts'
import { draftVault, fileVault, sweepVault } from './state/file-vault.ts'
import { openJsonStore } from './state/json/json-store.ts'
import type { Moment, Store } from './state/store.ts'
import type { Vault } from './state/vault.ts'
import { systemClock } from './system/clock.ts'
import { systemFs } from './system/fs.ts'
import { systemProcesses } from './system/processes.ts'
import { systemRandom } from './system/random.ts'

export interface EmbeddedOptions {
  readonly stateDirectory: string
  readonly userId: string
  readonly projectId: string
  readonly roles: readonly Role[]
  /** Check every output against its schema; on in tests and development. */
  readonly checkOutput?: boolean
  /** Asks a person for the passphrase of a private key. */
  readonly askPassphrase?: ((keyFile: string) => Promise<string | undefined>) | undefined
}

export interface PerformOptions {
  readonly plan?: boolean
  /** `--at`: a revision or an ISO 8601 time. */
  readonly at?: string
  readonly signal: AbortSignal
  readonly progress: ProgressSink
  readonly requestId?: string
}

export interface Session {
  perform(action: AnyAction, input: unknown, options: PerformOptions): Promise<unknown>
  /** A connection to a unix socket on a host, for consoles. */
  connectSocket(host: string, path: string): ReturnType<Host['connect']>
  /** Hands running flows to a process of its own. */
  detach(): Promise<void>
  close(): Promise<void>
}

interface FlowOptions {
  readonly over: Store
  readonly vault: Vault
  readonly compute: ComputeClient
  readonly plan: boolean
  readonly progress: ProgressSink
}

/** Actions that judge what is there: nothing is seeded or recovered before them. */
const looksOnly: ReadonlySet<string> = new Set(['doctor.run', 'doctor.journal'])

const clock = systemClock
const random = systemRandom

/** Opens the core in this process over a state directory. */
export async function openEmbedded(options: EmbeddedOptions): Promise<Session> {
  const { stateDirectory } = options
  const settings = readSettings(systemFs, stateDirectory)
  const store = openJsonStore({ directory: stateDirectory, fs: systemFs, clock })
  const secrets = { directory: `${stateDirectory}/vault`, fs: systemFs, processes: systemProcesses }
  const vault = fileVault(secrets)
  const images = lazily<ImageStore>(async () => {
    const { openImageStore } = await import('./image/store.ts')
    return openImageStore({ directory: `${stateDirectory}/images`, clock, random })
  })
  const live: Flows[] = []
  const remote = sshHosts({ stateDirectory, clock, askPassphrase: options.askPassphrase })

  /** The flows over a store; in a plan that store is a draft and hosts only write down. */
  function makeFlows({ over, vault, compute, plan, progress }: FlowOptions): Flows {
    return lazily<Flows>(async () => {
      const [{ flowRunner }, { flowCatalogue }, { openImageStore }] = await Promise.all([
        import('./flows/runner.ts'),
        import('./flows/catalogue.ts'),
        import('./image/store.ts'),
      ])
      const tools = {
        store: over,
        compute,
        images: openImageStore({ directory: `${stateDirectory}/images`, clock, random }),
        vault,
        clock,
        random,
        settings,
        progress,
        plan,
      }
      const flows = flowRunner({ catalogue: flowCatalogue, tools, processes: systemProcesses })
      if (!plan) live.push(flows)
      return flows
    })
  }

  async function contextFor({ plan = false, at, signal, progress, requestId }: PerformOptions): Promise<Context> {
    const over = plan ? (await import('./state/draft.ts')).draftOf(store) : store
    const compute = makeCompute({ store: over, settings, plan, remote })
    const ownVault = plan ? draftVault(vault) : vault
    return {
      userId: options.userId,
      projectId: options.projectId,
      roles: options.roles,
      requestId: requestId ?? `req-${random.uuid()}`,
      signal,
      progress,
      plan,
      store: over,
      flows: makeFlows({ over, vault: ownVault, compute, plan, progress }),
      compute,
      images,
      vault: ownVault,
      clock,
      random,
      settings,
      background,
      acceptNewKey: (host) => {
        const onAccepted = (message: string) => progress({ type: 'note', message })
        remote.acceptNew(host, { planning: plan, onAccepted })
      },
      verifyJournal: async () => (await import('./state/json/verify-journal.ts')).verifyJournal(stateDirectory, systemFs),
      input: () => process.stdin,
      moment: at === undefined ? undefined : parseMoment(at),
    }
  }

  async function background(): Promise<void> {
    const { spawn } = await import('node:child_process')
    const program = process.argv[1]
    if (program === undefined) throw new Fault('unsupported', 'this program cannot start itself again in the background')
    const env = { ...process.env, NOVA_STATE: stateDirectory }
    spawn(process.execPath, [...process.execArgv, program, 'operation', 'resume', '--quiet'], {
      detached: true,
      stdio: 'ignore',
      env,
    }).unref()
  }

  /** Work whose process died: a write finishes it first, a read lets another process do it and does not wait. */
  async function recover(action: AnyAction, context: Context): Promise<void> {
    if (action.name === 'operation.resume' || action.name === 'server.create')
      await sweepVault(secrets, (id) => store.read(async (reader) => (await reader.get('servers', id)) !== undefined))
    if (looksOnly.has(action.name) || action.name === 'operation.resume' || !(await hasOrphans())) return
    if (action.effect === 'read') await background()
    else await context.flows.adopt()
  }

  async function hasOrphans(): Promise<boolean> {
    const open = await store.read((reader) => reader.list('flows', { where: { open: true } }))
    return open.some(({ owner }) => owner !== null && !systemProcesses.isAlive(owner))
  }

  return {
    async perform(action, input, performOptions) {
      const context = await contextFor(performOptions)
      if (!looksOnly.has(action.name)) await seed(context.store)
      if (!context.plan && context.moment === undefined) await recover(action, context)
      const output = await perform(action, input, context, { checkOutput: options.checkOutput ?? false })
      if (context.plan) await announceRecords(context.store, store, action.name, context.progress)
      return output
    },
    async connectSocket(name, path) {
      const [record] = await store.read((reader) => reader.list('hosts', { where: { name }, limit: 1 }))
      if (!record) throw new Fault('not-found', `no host named ${name}`)
      return (await hostFor(record, remote)).connect(path)
    },
    async detach() {
      const handed = await Promise.all(live.map((flows) => flows.handOver()))
      if (handed.flat().length > 0) await background()
    },
    async close() {
      await remote.close()
      await store.close()
    },
  }
}

/** `--at`: a revision number, or a time that the store parses. */
const parseMoment = (at: string): Moment => (/^\d{1,15}$/.test(at) ? { revision: Number(at) } : { time: at })

/** The last step of every plan: the records that it would leave changed. */
async function announceRecords(draft: Store, base: Store, flow: string, progress: ProgressSink): Promise<void> {
  if (!('changes' in draft)) return
  const { plannedChanges } = await import('./actions/history/planned-changes.ts')
  const commands = await plannedChanges(draft as DraftStore, base)
  if (commands.length > 0) progress({ type: 'step', flow, step: 'records', status: 'done', commands })
}

/** A new store begins with Nova's five flavors. */
async function seed(store: Store): Promise<void> {
  const isNew = await store.read(async (reader) => reader.revision === 0)
  if (!isNew) return
  const { seedStore } = await import('./state/seed.ts')
  await seedStore(store, clock)
}
