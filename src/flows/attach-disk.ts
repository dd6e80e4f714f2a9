import { extraDisk } from '../compute/guest-spec.ts'
import { asFault } from '../core/fault.ts'
import { iso } from '../core/time.ts'
import type { ExtraDisk, Server } from '../model/server.ts'
import type { Transaction } from '../state/store.ts'
import type { Flow, Step, StepRun } from './flow.ts'
import { changeServer, onHost, restEnds, serverOf } from './server-steps.ts'

/** The disk that comes or goes. */
export interface DiskState {
  readonly disk: ExtraDisk
}

type Run = StepRun<DiskState>

const changeDisks = (run: Run, next: (disks: Server['disks']) => Server['disks']) => ({
  commit: async (tx: Transaction) => changeServer(tx, run.serverId, { disks: next((await serverOf(tx, run.serverId)).disks) }),
})

/** It keeps its place among the others: the record has it since the request, which claimed its room. */
const added = (run: Run) => {
  const { disk } = run.state
  const here = { ...disk, attachedAt: disk.attachedAt ?? iso(run.tools.clock.wall()) }
  return changeDisks(run, (disks) =>
    disks.some(({ id }) => id === disk.id) ? disks.map((one) => (one.id === disk.id ? here : one)) : [...disks, here],
  )
}
const removed = (run: Run) => changeDisks(run, (disks) => disks.filter(({ id }) => id !== run.state.disk.id))

const plugIn = (run: Run, mustExist: boolean) => onHost(run, 'attachDisk', { disk: extraDisk(run.state.disk), mustExist })
const plugOut = (run: Run) => onHost(run, 'detachDisk', { serial: run.state.disk.serial })

/** A guest that does not let go of it again keeps it, and then the record says so. */
const attach: Step<DiskState> = {
  name: 'attach',
  async run(run) {
    await plugIn(run, false)
    return added(run)
  },
  async undo(run) {
    try {
      await plugOut(run)
      return removed(run)
    } catch (error) {
      const fault = asFault(error)
      // Without the capability nothing was attached, and a guest that is gone has no disks.
      if (fault.kind === 'unsupported' || fault.kind === 'not-found') return removed(run)
      if (fault.kind === 'timeout') return added(run)
      throw error
    }
  },
}

const detach: Step<DiskState> = {
  name: 'detach',
  async run(run) {
    await plugOut(run)
    return removed(run)
  },
  /** The answer may have been lost before it was done, and after: a disk whose content is gone never comes back as an empty one. */
  async undo(run) {
    try {
      await plugIn(run, true)
      return added(run)
    } catch (error) {
      const fault = asFault(error)
      if (fault.kind === 'not-found') return removed(run)
      if (fault.kind === 'unsupported') return added(run)
      throw error
    }
  },
}

/** Gives a server an empty disk, whether it runs or not. */
export const attachDisk: Flow<DiskState> = {
  name: 'add-disk-server',
  action: 'addDisk',
  steps: [attach],
  ...restEnds,
}

/** Takes a disk from a server and destroys it. */
export const detachDisk: Flow<DiskState> = {
  name: 'remove-disk-server',
  action: 'removeDisk',
  steps: [detach],
  ...restEnds,
}
