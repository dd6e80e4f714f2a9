import { Fault, type FaultKind } from '../core/fault.ts'
import { iso } from '../core/time.ts'
import type { Server } from '../model/server.ts'
import { selectHost, summarise } from '../scheduler/select-hosts.ts'
import type { Decision, PlacementRequest } from '../scheduler/types.ts'
import type { Transaction } from '../state/store.ts'
import type { Flow, Step, StepRun } from './flow.ts'
import { cacheImages, configDriveStep, hasImage, needRunning, specAndHost } from './guest-steps.ts'
import { keptFleetOf } from './kept-fleet.ts'
import { withPort } from './moving.ts'
import { changeServer, onHost, onHostNamed, serverOf, setFault } from './server-steps.ts'

/** What a boot carries from step to step. */
export interface BootState {
  readonly request: PlacementRequest
  readonly attempt: number
  /** Why the attempt before this one failed. */
  readonly lastFailure?: string
}

/** Faults of a host after which another host is worth trying; the others would be the same everywhere. */
const hostFaults: ReadonlySet<FaultKind> = new Set(['internal', 'unreachable', 'timeout', 'unsupported', 'conflict'])

/**
 * The claim is made in the transaction that writes the records, so the first run finds it and does nothing.
 * After a failed host it chooses again, without the hosts that failed.
 */
const place: Step<BootState> = {
  name: 'place',
  async within(tx, about) {
    await claim(tx, about)
    return true
  },
  async run(run) {
    return { commit: (tx) => claim(tx, run) }
  },
  async undo({ serverId }) {
    return {
      async commit(tx) {
        const server = await tx.get('servers', serverId)
        if (server?.host) await countFailedBuild(tx, server.host)
        await changeServer(tx, serverId, { host: null, taskState: 'scheduling' })
      },
    }
  },
}

async function claim(tx: Transaction, { state, serverId, tools }: Pick<StepRun<BootState>, 'state' | 'serverId' | 'tools'>) {
  const server = await tx.get('servers', serverId)
  const host = server?.host ?? (await choose(tx, state, tools))
  await changeServer(tx, serverId, { host, taskState: 'networking' })
}

async function choose(tx: Transaction, state: BootState, tools: StepRun<BootState>['tools']): Promise<string> {
  const fleet = await keptFleetOf(tx, tools.settings)
  const random = () => (tools.random.bytes(1)[0] ?? 0) / 256
  const decision = selectHost(state.request, fleet, { explain: false, random })
  if (decision.chosen !== null) return decision.chosen
  const before = state.lastFailure === undefined ? '' : `; the last try failed: ${state.lastFailure}`
  throw new Fault('no-valid-host', `${summarise(decision)}${before}`, { details: { decision } })
}

async function countFailedBuild(tx: Transaction, name: string): Promise<void> {
  const [host] = await tx.list('hosts', { where: { name } })
  if (host) await tx.update('hosts', { ...host, failedBuilds: host.failedBuilds + 1 })
}

/** Whatever was made for the guest goes with its directory; repeated for a step that failed half-way. */
const removeGuest = async (run: StepRun<BootState>) => {
  await onHost(run, 'destroy', undefined)
  return undefined
}

/** Only a network of the host's user has a port there: the others need nothing of the host yet. */
const network: Step<BootState> = {
  name: 'network',
  async within(tx, { serverId }) {
    const server = await serverOf(tx, serverId)
    if (server.nics.some(({ kind }) => kind === 'user')) return false
    await connect(tx, server, null)
    return true
  },
  async run(run) {
    const sshPort = await onHost(run, 'reservePort', undefined)
    return { commit: async (tx) => connect(tx, await serverOf(tx, run.serverId), sshPort) }
  },
  undo: removeGuest,
}

const connect = (tx: Transaction, server: Server, sshPort: number | null) =>
  changeServer(tx, server.id, { nics: withPort(server, sshPort), taskState: 'block_device_mapping' })

/** Kept by undo: the cache belongs to the host, not to the server. */
const image: Step<BootState> = {
  name: 'image',
  within: async (tx, { serverId }) => !(await hasImage(tx, serverId)),
  run: cacheImages,
}

const disks: Step<BootState> = {
  name: 'disks',
  async run(run) {
    const { spec, host } = await specAndHost(run)
    await onHostNamed(run, host, 'createDisks', { spec })
    return undefined
  },
  undo: removeGuest,
}

const spawn: Step<BootState> = {
  name: 'spawn',
  async run(run) {
    const { spec, host } = await specAndHost(run)
    await onHostNamed(run, host, 'spawn', { spec })
    return undefined
  },
  undo: removeGuest,
}

/** Never `active` unless the host says that it runs. */
export const activate = <S>(): Step<S> => ({
  name: 'activate',
  looks: true,
  async run(run) {
    const guest = await onHost(run, 'inspect', undefined)
    needRunning(run, guest)
    return undefined
  },
})

/** place and claim → network → image → disks → config drive → spawn → activate. */
export const buildSteps: readonly Step<BootState>[] = [
  place,
  network,
  image,
  disks,
  configDriveStep('spawning'),
  spawn,
  activate(),
]

/** Builds a server on the first host that can. */
export const bootServer: Flow<BootState> = {
  name: 'boot-server',
  action: 'create',
  steps: buildSteps,
  async finish(tx, _, server, tools) {
    if (!server) return
    await changeServer(tx, server.id, {
      vmState: 'active',
      taskState: null,
      powerState: 'running',
      launchedAt: iso(tools.clock.wall()),
      fault: null,
    })
    const [host] = await tx.list('hosts', { where: { name: server.host ?? '' } })
    if (host && host.failedBuilds > 0) await tx.update('hosts', { ...host, failedBuilds: 0 })
  },
  retry(state, fault, tools) {
    const failedOn = (fault.details as { host?: string } | undefined)?.host
    if (!hostFaults.has(fault.kind) || failedOn === undefined || state.attempt >= tools.settings.schedulerMaxAttempts)
      return undefined
    return {
      ...state,
      attempt: state.attempt + 1,
      lastFailure: fault.message,
      request: { ...state.request, triedHosts: [...state.request.triedHosts, failedOn] },
    }
  },
  async giveUp(tx, _, server, fault, tools) {
    if (!server) return
    await changeServer(tx, server.id, { vmState: 'error', taskState: null, host: null, ...setFault(fault, tools) })
    const decision = (fault.details as { decision?: Decision } | undefined)?.decision
    const request = await tx.get('requests', server.requestId)
    if (request && decision)
      await tx.update('requests', { ...request, decisions: [...request.decisions, decision], fault: fault.toJSON() })
  },
}
