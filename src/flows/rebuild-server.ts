import type { Flow, Step } from './flow.ts'
import { cacheImages, configDriveStep, specOfServer } from './guest-steps.ts'
import { changeServer, onHost, runsAsBefore, setFault } from './server-steps.ts'

export interface RebuildState {
  /** It goes back to stopped when it was. */
  readonly wasStopped: boolean
  readonly timeoutMs: number
}

/** Before anything is destroyed: an image that cannot reach the host ends the rebuild with the old disk intact. */
const image: Step<RebuildState> = { name: 'image', run: cacheImages }

const stop: Step<RebuildState> = {
  name: 'stop',
  async run(run) {
    await onHost(run, 'stop', { timeoutMs: run.state.timeoutMs })
    return { commit: (tx) => changeServer(tx, run.serverId, { taskState: 'rebuild_block_device_mapping' }) }
  },
}

/** The point of no return: the old root disk is gone after it, so nothing here has an undo. */
const disks: Step<RebuildState> = {
  name: 'disks',
  async run(run) {
    await onHost(run, 'recreateRootDisk', { spec: await specOfServer(run) })
    return undefined
  },
}

const start: Step<RebuildState> = {
  name: 'start',
  async run(run) {
    if (!run.state.wasStopped) await onHost(run, 'start', undefined)
    return undefined
  },
}

/** The same server, id and addresses with a fresh root disk. */
export const rebuildServer: Flow<RebuildState> = {
  name: 'rebuild-server',
  action: 'rebuild',
  steps: [image, stop, disks, configDriveStep('rebuild_spawning'), start],
  async finish(tx, state, server, tools) {
    if (server) await runsAsBefore(tx, server.id, state.wasStopped, tools)
  },
  async giveUp(tx, _, server, fault, tools) {
    if (server) await changeServer(tx, server.id, { vmState: 'error', taskState: null, ...setFault(fault, tools) })
  },
}
