import { guestImage } from '../compute/guest-spec.ts'
import { asFault, Fault } from '../core/fault.ts'
import { iso } from '../core/time.ts'
import type { GuardedAction } from '../model/guards.ts'
import type { Server } from '../model/server.ts'
import type { PowerState, TaskState, VmState } from '../model/states.ts'
import type { Transaction } from '../state/store.ts'
import type { Flow, Step, StepRun } from './flow.ts'
import { changeServer, onHost, serverOf, setFault } from './server-steps.ts'

/** Arguments of an operation; JSON, kept with the flow. */
export interface OperationState {
  readonly timeoutMs: number
  readonly rescueImageId: string | null
}

/** One short operation on a server's host: what it is called, what it does, and the states around it. */
interface Operation {
  readonly name: GuardedAction
  readonly task: TaskState
  readonly vmState: VmState
  readonly powerState: PowerState
  /** Prepares the host before the operation itself (images). */
  readonly prepare?: (run: StepRun<OperationState>) => Promise<void>
  readonly call: (run: StepRun<OperationState>) => Promise<unknown>
  readonly change?: (state: OperationState, server: Server, at: string) => Partial<Server>
}

async function rescueImage(run: StepRun<OperationState>) {
  const image = await run.tools.store.read((reader) => reader.get('images', run.state.rescueImageId ?? ''))
  if (image) return guestImage(image)
  throw new Fault('not-found', `rescue image ${run.state.rescueImageId ?? '(none)'} is gone`)
}

/** A server that left its host, or whose guest is gone, has nothing to stop. */
async function halt(run: StepRun<OperationState>): Promise<void> {
  const { host } = await run.tools.store.read((reader) => serverOf(reader, run.serverId))
  if (host === null) return
  await onHost(run, 'stop', { timeoutMs: 0 }).catch((error: unknown) => {
    if (asFault(error).kind !== 'not-found') throw error
  })
}

/** States that a restore goes back to; all others become active, as in Nova. */
const restored: ReadonlyMap<VmState | null, { readonly vmState: VmState; readonly powerState?: PowerState }> = new Map<
  VmState | null,
  { vmState: VmState; powerState?: PowerState }
>([
  ['rescued', { vmState: 'rescued' }],
  ['resized', { vmState: 'resized' }],
  ['shelved', { vmState: 'shelved', powerState: 'shutdown' }],
  ['shelved_offloaded', { vmState: 'shelved_offloaded', powerState: 'shutdown' }],
])

/** A shelved server stays shelved. */
async function revive(run: StepRun<OperationState>): Promise<void> {
  const { stateBeforeDelete } = await run.tools.store.read((reader) => serverOf(reader, run.serverId))
  if (restored.get(stateBeforeDelete)?.powerState !== 'shutdown') await onHost(run, 'start', undefined)
}

const rows: readonly Operation[] = [
  {
    name: 'start',
    task: 'powering-on',
    vmState: 'active',
    powerState: 'running',
    call: (run) => onHost(run, 'start', undefined),
  },
  {
    name: 'stop',
    task: 'powering-off',
    vmState: 'stopped',
    powerState: 'shutdown',
    call: (run) => onHost(run, 'stop', { timeoutMs: run.state.timeoutMs }),
  },
  {
    name: 'reboot',
    task: 'rebooting',
    vmState: 'active',
    powerState: 'running',
    call: (run) => onHost(run, 'reboot', { kind: 'soft', timeoutMs: run.state.timeoutMs }),
  },
  {
    name: 'reboot-hard',
    task: 'rebooting_hard',
    vmState: 'active',
    powerState: 'running',
    call: (run) => onHost(run, 'reboot', { kind: 'hard', timeoutMs: 0 }),
  },
  { name: 'pause', task: 'pausing', vmState: 'paused', powerState: 'paused', call: (run) => onHost(run, 'pause', undefined) },
  {
    name: 'unpause',
    task: 'unpausing',
    vmState: 'active',
    powerState: 'running',
    call: (run) => onHost(run, 'unpause', undefined),
  },
  {
    name: 'suspend',
    task: 'suspending',
    vmState: 'suspended',
    powerState: 'suspended',
    call: (run) => onHost(run, 'suspend', undefined),
  },
  { name: 'resume', task: 'resuming', vmState: 'active', powerState: 'running', call: (run) => onHost(run, 'resume', undefined) },
  {
    name: 'rescue',
    task: 'rescuing',
    vmState: 'rescued',
    powerState: 'running',
    async prepare(run) {
      const image = await rescueImage(run)
      await onHost(run, 'cacheImage', { image, localPath: run.tools.images.path(image.digest) })
    },
    call: async (run) => onHost(run, 'rescue', { image: await rescueImage(run) }),
    change: (state, server) => ({ rescueImageId: state.rescueImageId, stateBeforeRescue: server.vmState }),
  },
  {
    name: 'unrescue',
    task: 'unrescuing',
    vmState: 'active',
    powerState: 'running',
    call: (run) => onHost(run, 'unrescue', undefined),
    change: () => ({ rescueImageId: null, stateBeforeRescue: null }),
  },
  {
    name: 'soft-delete',
    task: 'soft-deleting',
    vmState: 'soft-delete',
    powerState: 'shutdown',
    call: halt,
    change: (_, __, deletedAt) => ({ deletedAt }),
  },
  {
    name: 'restore',
    task: 'restoring',
    vmState: 'active',
    powerState: 'running',
    call: revive,
    change: (_, { stateBeforeDelete }) => ({ deletedAt: null, stateBeforeDelete: null, ...restored.get(stateBeforeDelete) }),
  },
]

/** The task state that marks a server as busy with an operation. */
export const taskOf = (name: GuardedAction): TaskState => operationOf(name).task

const operationOf = (name: GuardedAction): Operation => {
  const row = rows.find((candidate) => candidate.name === name)
  if (row) return row
  throw new Fault('internal', `no operation ${name}`)
}

/**
 * A host that failed may have done it all the same: the record then shows what the guest does now, and the operation may
 * be asked for again. A host that cannot say leaves the record as it was.
 */
async function observe(run: StepRun<OperationState>) {
  const guest = await onHost(run, 'inspect', undefined).catch(() => null)
  if (!guest) return undefined
  return { commit: (tx: Transaction) => changeServer(tx, run.serverId, { powerState: guest.powerState }) }
}

function flowOfRow(row: Operation): Flow<OperationState> {
  const prepare = row.prepare
  const steps: Step<OperationState>[] = [
    ...(prepare ? [{ name: 'image', run: (run: StepRun<OperationState>) => prepare(run).then(() => undefined) }] : []),
    { name: row.name, run: (run) => row.call(run).then(() => undefined), undo: observe },
  ]
  return {
    name: `${row.name}-server`,
    action: row.name,
    steps,
    async finish(tx, state, server, tools) {
      if (!server) return
      const at = iso(tools.clock.wall())
      const change = row.change?.(state, server, at) ?? {}
      await changeServer(tx, server.id, {
        vmState: row.vmState,
        taskState: null,
        powerState: row.powerState,
        fault: null,
        updatedAt: at,
        ...change,
      })
    },
    /** The operation did not happen: the server is as it was, and its fault says why. */
    async giveUp(tx, _, server, fault, tools) {
      if (server) await changeServer(tx, server.id, { taskState: null, ...setFault(fault, tools) })
    },
  }
}

/** One flow for each short operation, by the operation's name. */
export const operations: ReadonlyMap<GuardedAction, Flow<OperationState>> = new Map(rows.map((row) => [row.name, flowOfRow(row)]))
