import { Fault } from '../core/fault.ts'
import { iso } from '../core/time.ts'
import type { Flow, Step, StepRun } from './flow.ts'
import { changeMigration, type MoveState, migrationOf, vacate, withPort } from './moving.ts'
import { changeServer, onHostNamed, serverOf, setFault } from './server-steps.ts'

const hasGuest = async (run: StepRun<MoveState>) => (await onHostNamed(run, run.state.sourceHost, 'inspect', undefined)) !== null

const isShared = async (run: StepRun<MoveState>) =>
  (await run.tools.store.read((reader) => migrationOf(reader, run.state))).storage === 'shared'

/** In a directory of both hosts the copy that moved stands where the old one comes back to: it ends first, once the source answers. */
const clearWay: Step<MoveState> = {
  name: 'clear-way',
  async run(run) {
    if (!(await isShared(run))) return undefined
    await hasGuest(run)
    await vacate(run, run.state.destHost)
    return { commit: (tx) => changeServer(tx, run.serverId, { powerState: 'shutdown' }) }
  },
  /** It may have ended all the same. */
  async undo(run) {
    if (!(await isShared(run))) return undefined
    const guest = await onHostNamed(run, run.state.destHost, 'inspect', undefined).catch(() => null)
    return guest ? { commit: (tx) => changeServer(tx, run.serverId, { powerState: guest.powerState }) } : undefined
  },
}

/**
 * First of all that changes files, so that nothing is destroyed while the source does not answer. From its record on the move can only go back:
 * a destination that fails later leaves the server unconfirmed, and the revert is asked for again.
 */
const takeBack: Step<MoveState> = {
  name: 'take-back',
  async run(run) {
    const { sourceHost } = run.state
    await onHostNamed(run, sourceHost, 'takeBack', undefined)
    if (!run.tools.plan && !(await hasGuest(run)))
      throw new Fault('not-found', `host ${sourceHost} lost the copy of server ${run.serverId} that was put aside`, {
        hint: 'confirm the move: the other copy is the only one',
      })
    const sshPort = await onHostNamed(run, sourceHost, 'reservePort', undefined)
    return {
      async commit(tx) {
        const { oldFlavor } = await migrationOf(tx, run.state)
        const nics = withPort(await serverOf(tx, run.serverId), sshPort)
        await changeServer(tx, run.serverId, { host: sourceHost, flavor: oldFlavor, nics, powerState: 'shutdown' })
        await changeMigration(tx, run.state, 'reverting', run.tools)
      },
    }
  },
  /** Before its record the move can still go forward; after it, or within one host or directory, where the new copy may be gone, only back. */
  async undo(run) {
    const { sourceHost, destHost } = run.state
    const { status } = await run.tools.store.read((reader) => migrationOf(reader, run.state))
    if (status !== 'finished') return undefined
    if (sourceHost === destHost || (await isShared(run)))
      return { commit: (tx) => changeMigration(tx, run.state, 'reverting', run.tools) }
    if (await hasGuest(run)) await onHostNamed(run, sourceHost, 'setAside', undefined)
    return undefined
  },
}

/** The copy that moved is gone before the old one may start. */
const dropDestination: Step<MoveState> = {
  name: 'drop-destination',
  async run(run) {
    const { sourceHost, destHost } = run.state
    if (await isShared(run)) await vacate(run, destHost)
    else if (sourceHost !== destHost) await onHostNamed(run, destHost, 'destroy', undefined)
    return {
      async commit(tx) {
        await changeMigration(tx, run.state, 'reverted', run.tools)
        await changeServer(tx, run.serverId, { vmState: 'stopped' })
      },
    }
  },
}

const start: Step<MoveState> = {
  name: 'start',
  async run(run) {
    const { oldVmState } = await run.tools.store.read((reader) => migrationOf(reader, run.state))
    if (oldVmState === 'stopped') return undefined
    await onHostNamed(run, run.state.sourceHost, 'start', undefined)
    return { commit: (tx) => changeServer(tx, run.serverId, { powerState: 'running', vmState: 'active' }) }
  },
  /** A start that failed may have happened all the same: the record shows what the guest does. */
  async undo(run) {
    const guest = await onHostNamed(run, run.state.sourceHost, 'inspect', undefined).catch(() => null)
    if (guest?.powerState !== 'running') return undefined
    return { commit: (tx) => changeServer(tx, run.serverId, { powerState: 'running', vmState: 'active' }) }
  },
}

/** Goes back to the host, the flavor and the disks from before the move; what the guest wrote since is lost. */
export const revertResize: Flow<MoveState> = {
  name: 'revert-resize',
  action: 'revert',
  steps: [clearWay, takeBack, dropDestination, start],
  async finish(tx, _, server, tools) {
    if (server) await changeServer(tx, server.id, { taskState: null, fault: null, updatedAt: iso(tools.clock.wall()) })
  },
  async giveUp(tx, _, server, fault, tools) {
    if (server) await changeServer(tx, server.id, { taskState: null, ...setFault(fault, tools) })
  },
}
