import { Fault } from '../core/fault.ts'
import { iso } from '../core/time.ts'
import type { StorageKind } from '../drivers/driver.ts'
import type { Flow, Step, StepRun } from './flow.ts'
import { cacheKnownImages, needRunning } from './guest-steps.ts'
import {
  changeMigration,
  type MoveState,
  migrationOf,
  movedSpec,
  needNoCopy,
  storageOf,
  transferDeadline,
  vacate,
  withPort,
} from './moving.ts'
import { changeServer, onHostNamed, setFault } from './server-steps.ts'

/** What a resize or a cold migration carries from step to step. */
export interface ResizeState extends MoveState {
  readonly wasRunning: boolean
  /** Milliseconds that the guest gets to shut down by itself. */
  readonly timeoutMs: number
  /** The guest's ssh port on the destination, once it has one. */
  readonly sshPort: number | null
  /** Null until the hosts were looked at, absent from older records. */
  readonly storage?: StorageKind | null
}

type Run = StepRun<ResizeState>
const isSameHost = ({ state }: Run) => state.sourceHost === state.destHost

/** Never while the source keeps its guest under the same name: there, and in a directory of both, `takeBack` clears the way. */
async function clearDestination(run: Run): Promise<undefined> {
  const { destHost, storage } = run.state
  if (storage === 'shared') await vacate(run, destHost)
  else if (!isSameHost(run)) await onHostNamed(run, destHost, 'destroy', undefined)
  return undefined
}

/** Without an undo: what is on the destination already is not this move's, and must not go with it. */
const check: Step<ResizeState> = {
  name: 'check',
  async run(run) {
    const { sourceHost, destHost } = run.state
    for (const host of new Set([sourceHost, destHost])) await needMoves(run, host)
    const storage = await storageOf(run)
    if (sourceHost !== destHost) await needNoCopy(run, destHost, storage)
    return {
      state: { ...run.state, storage },
      async commit(tx) {
        if (storage === 'shared') await tx.update('migrations', { ...(await migrationOf(tx, run.state)), storage })
      },
    }
  },
}

/** Everything that can be wrong with the destination shows before the guest is stopped. Its undo removes all that the move left there. */
const prepare: Step<ResizeState> = {
  name: 'prepare',
  async run(run) {
    const { destHost } = run.state
    await cacheKnownImages(run, destHost)
    const sshPort = await onHostNamed(run, destHost, 'reservePort', undefined)
    return {
      state: { ...run.state, sshPort },
      commit: (tx) => changeServer(tx, run.serverId, { taskState: 'resize_migrating' }),
    }
  },
  undo: clearDestination,
}

async function needMoves(run: Run, host: string): Promise<void> {
  const names = await onHostNamed(run, host, 'capabilities', undefined)
  if (names.includes('setAside')) return
  throw new Fault('unsupported', `host ${host} cannot move servers: its driver has no such capability`, {
    hint: `nova host show ${host} names its driver`,
  })
}

const stop: Step<ResizeState> = {
  name: 'stop',
  async run(run) {
    if (!run.state.wasRunning) return undefined
    await onHostNamed(run, run.state.sourceHost, 'stop', { timeoutMs: run.state.timeoutMs })
    return { commit: (tx) => changeServer(tx, run.serverId, { powerState: 'shutdown' }) }
  },
  async undo(run) {
    if (!run.state.wasRunning) return undefined
    await onHostNamed(run, run.state.sourceHost, 'start', undefined)
    return { commit: (tx) => changeServer(tx, run.serverId, { powerState: 'running' }) }
  },
}

/** From here on nothing can start the old copy but a `takeBack`. */
const setAside: Step<ResizeState> = {
  name: 'set-aside',
  async run(run) {
    await onHostNamed(run, run.state.sourceHost, 'setAside', undefined)
    return undefined
  },
  async undo(run) {
    await onHostNamed(run, run.state.sourceHost, 'takeBack', undefined)
    return undefined
  },
}

/** Without an undo: a destination that failed must not keep the source from running again; `prepare` clears it last. */
const transfer: Step<ResizeState> = {
  name: 'transfer',
  async run(run) {
    const { sourceHost, destHost, sshPort } = run.state
    const args = { to: destHost, spec: await movedSpec(run, sshPort) }
    await onHostNamed(run, sourceHost, 'sendDisks', args, { deadlineMs: await transferDeadline(run) })
    return { commit: (tx) => changeServer(tx, run.serverId, { taskState: 'resize_migrated' }) }
  },
}

const adopt: Step<ResizeState> = {
  name: 'adopt',
  async run(run) {
    await onHostNamed(run, run.state.destHost, 'adopt', { spec: await movedSpec(run, run.state.sshPort) })
    return { commit: (tx) => changeServer(tx, run.serverId, { taskState: 'resize_finish' }) }
  },
}

/** Its undo comes before the source may start: a destination that may run and does not answer blocks it. */
const start: Step<ResizeState> = {
  name: 'start',
  async run(run) {
    if (!run.state.wasRunning) return undefined
    await onHostNamed(run, run.state.destHost, 'start', undefined)
    const guest = await onHostNamed(run, run.state.destHost, 'inspect', undefined)
    needRunning(run, guest)
    return undefined
  },
  undo: clearDestination,
}

/** check → prepare → stop → set the source aside → transfer → adopt → start; both copies stay until confirm or revert, also in one directory. */
export const resizeServer: Flow<ResizeState> = {
  name: 'resize-server',
  action: 'resize',
  steps: [check, prepare, stop, setAside, transfer, adopt, start],
  async finish(tx, state, server, tools) {
    if (!server) return
    const at = iso(tools.clock.wall())
    const { newFlavor } = await migrationOf(tx, state)
    await changeServer(tx, server.id, {
      vmState: 'resized',
      taskState: null,
      powerState: state.wasRunning ? 'running' : 'shutdown',
      host: state.destHost,
      flavor: newFlavor,
      nics: withPort(server, state.sshPort),
      fault: null,
      updatedAt: at,
      ...(state.wasRunning ? { launchedAt: at } : {}),
    })
    await changeMigration(tx, state, 'finished', tools)
  },
  async giveUp(tx, state, server, fault, tools) {
    await changeMigration(tx, state, 'error', tools)
    if (server) await changeServer(tx, server.id, { taskState: null, ...setFault(fault, tools) })
  },
}

/** The same for a server that keeps its flavor. */
export const migrateServer: Flow<ResizeState> = { ...resizeServer, name: 'migrate-server', action: 'migrate' }
