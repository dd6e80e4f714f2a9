import { claimedDisk } from '../compute/guest-spec.ts'
import { Fault } from '../core/fault.ts'
import { iso } from '../core/time.ts'
import type { GuestState, LiveOrder, LiveResult } from '../drivers/driver.ts'
import type { LiveOptions, Migration } from '../model/migration.ts'
import type { Transaction } from '../state/store.ts'
import type { Flow, Step, StepRun } from './flow.ts'
import { bootImages, cacheKnownImages } from './guest-steps.ts'
import { moveUnderOrders } from './live-orders.ts'
import { backOut, isAlive, leaveSource, recordArrival, type SidesState, sideOf } from './live-sides.ts'
import { changeMigration, migrationOf, movedSpec, needNoCopy, storageOf } from './moving.ts'
import { changeServer, onHostNamed, serverOf, setFault } from './server-steps.ts'

/** What a live migration carries from step to step. */
export interface LiveState extends SidesState {
  /** As asked for; `storage` null leaves it to what the hosts share. */
  readonly wish: LiveOptions
}

type Run = StepRun<LiveState>

/** Changes fields of the migration's record. */
async function noteMove(tx: Transaction, { migrationId }: LiveState, change: Partial<Migration>): Promise<void> {
  await tx.update('migrations', { ...(await migrationOf(tx, { migrationId })), ...change })
}

/** Nothing is on the destination yet, so there is nothing to undo. */
const check: Step<LiveState> = {
  name: 'check',
  async run(run) {
    const { sourceHost, destHost, wish } = run.state
    for (const host of [sourceHost, destHost]) await needLive(run, host)
    const guest = await onHostNamed(run, sourceHost, 'inspect', undefined)
    if (!isAlive(guest) && !run.tools.plan) throw notRunning(run, guest)
    const storage = await storageAsAsked(run)
    if (storage === 'copy') await needNoCopy(run, destHost)
    const state = { ...run.state, storage }
    return {
      state,
      async commit(tx) {
        await noteMove(tx, state, { options: { ...wish, storage } })
        await changeMigration(tx, state, 'preparing', run.tools)
      },
    }
  },
}

async function needLive(run: Run, host: string): Promise<void> {
  const names = await onHostNamed(run, host, 'capabilities', undefined)
  if (names.includes('moveLive')) return
  throw new Fault('unsupported', `host ${host} moves no running servers: its driver has no such capability`, {
    hint: 'nova migrate moves a server while it is shut down',
  })
}

const notRunning = ({ serverId, state }: Run, guest: GuestState | null) =>
  new Fault('conflict', `guest ${serverId} is ${guest ? guest.powerState : 'not there'} on host ${state.sourceHost}`, {
    hint: 'only a guest that runs moves live',
  })

/** What was asked for must be so: copying a disk onto itself would destroy it. */
async function storageAsAsked(run: Run): Promise<'shared' | 'copy'> {
  const { sourceHost, destHost, wish } = run.state
  const found = await storageOf(run)
  if (wish.storage === null || wish.storage === found) return found
  const how = found === 'shared' ? 'share' : 'do not share'
  throw new Fault('conflict', `hosts ${sourceHost} and ${destHost} ${how} the directory of server ${run.serverId}`, {
    hint: found === 'shared' ? 'leave --block-migrate out' : 'leave --shared out: its disks go along',
  })
}

const orderOf = ({ wish, storage }: LiveState): LiveOrder => ({ ...wish, storage: storage ?? 'copy' })

/** An abort that came before the move began. */
async function needNoAbort(run: Run): Promise<void> {
  const { order } = await run.tools.store.read((reader) => migrationOf(reader, run.state))
  if (order === 'abort') throw new Fault('conflict', `the live migration of server ${run.serverId} was aborted`)
}

const prepare: Step<LiveState> = {
  name: 'prepare',
  async run(run) {
    const { sourceHost, destHost } = run.state
    await needNoAbort(run)
    const { lacksNone } = await cacheKnownImages(run, destHost)
    const sshPort = await onHostNamed(run, destHost, 'reservePort', undefined)
    const [spec, order, deadlineMs] = [await movedSpec(run, sshPort), orderOf(run.state), await moveDeadline(run)]
    if (!lacksNone && order.storage === 'copy')
      await onHostNamed(run, sourceHost, 'sendImages', { to: destHost, spec }, { deadlineMs })
    await onHostNamed(run, destHost, 'makeRoom', { spec, order })
    return {
      state: { ...run.state, sshPort },
      commit: (tx) => changeMigration(tx, run.state, 'running', run.tools),
    }
  },
  undo: backOut,
}

const unknown: LiveResult = { downtimeMs: null, totalMs: null, memoryBytes: null, diskBytes: null }

/** Where the guest is, the hosts say: a call that failed may have moved it all the same. */
const move: Step<LiveState> = {
  name: 'move',
  async run(run) {
    await needNoAbort(run)
    const order = orderOf(run.state)
    const result = await moveUnderOrders(run, order, await moveDeadline(run)).catch((error: unknown) => hasArrived(run, error))
    const state = { ...run.state, landed: true }
    return {
      state,
      async commit(tx) {
        await recordArrival(run, tx)
        await noteMove(tx, state, { result })
        await changeMigration(tx, state, 'post-migrating', run.tools)
      },
    }
  },
  undo: backOut,
}

async function hasArrived(run: Run, error: unknown): Promise<LiveResult> {
  const side = run.signal.aborted ? undefined : await sideOf(run).catch(() => undefined)
  if (side?.at === 'destination') return unknown
  throw error
}

const msPerGib = 60_000

/** Milliseconds that memory and disks may take; with a limit of bandwidth at least twice what it makes of them. */
async function moveDeadline(run: Run): Promise<number> {
  const { image } = await bootImages(run)
  const { storage, wish } = run.state
  const gib = await run.tools.store.read(async (reader) => {
    const { disks, flavor } = await serverOf(reader, run.serverId)
    return flavor.ram / 1024 + (storage === 'copy' ? claimedDisk(flavor, image, disks) : 0)
  })
  const limited = wish.bandwidth === null ? 0 : (2 * gib * 1024 * 1000) / wish.bandwidth
  return Math.ceil(run.tools.settings.computeDeadlineMs + Math.max(gib * msPerGib, limited))
}

/** Its undo can only do the same. */
const leave: Step<LiveState> = { name: 'leave', run: leaveSource, undo: leaveSource }

/** check → prepare → move → leave: until the guest runs on the destination the source has it; both claim until the end. */
export const liveMigrateServer: Flow<LiveState> = {
  name: 'live-migrate-server',
  action: 'live-migrate',
  steps: [check, prepare, move, leave],
  async finish(tx, state, server, tools) {
    if (server) await changeServer(tx, server.id, { taskState: null, fault: null, updatedAt: iso(tools.clock.wall()) })
    await noteMove(tx, state, { reason: state.leftover })
    await changeMigration(tx, state, 'completed', tools)
  },
  /** What failed after the guest landed does not move it back. */
  async giveUp(tx, state, server, fault, tools) {
    const { order } = await migrationOf(tx, state)
    const wasAborted = order === 'abort' && fault.kind === 'conflict' && !state.landed
    const status = state.landed ? 'completed' : wasAborted ? 'cancelled' : 'error'
    const why = wasAborted ? 'aborted' : fault.message
    await noteMove(tx, state, { reason: state.leftover === null ? why : `${why}; ${state.leftover}` })
    await changeMigration(tx, state, status, tools)
    if (server) await changeServer(tx, server.id, { taskState: null, ...(wasAborted ? {} : setFault(fault, tools)) })
  },
}
