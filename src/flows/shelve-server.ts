import { Fault } from '../core/fault.ts'
import { iso } from '../core/time.ts'
import type { Server } from '../model/server.ts'
import type { Transaction } from '../state/store.ts'
import type { Flow, Step, StepRun } from './flow.ts'
import { changeServer, onHost, restEnds, serverOf } from './server-steps.ts'
import { copyStep, recordStep, type SnapshotState, storeStep, unlessKept } from './snapshot-steps.ts'

/** What a shelve carries. */
export interface ShelveState extends SnapshotState {
  readonly before: 'active' | 'stopped' | 'paused' | 'suspended'
  /** Milliseconds that the guest gets to shut down by itself. */
  readonly timeoutMs: number
  /** Whether it leaves its host at once. */
  readonly offload: boolean
}

/** The image is of a disk that nothing writes to. A suspended guest does not run; its memory is not kept. */
const stop: Step<ShelveState> = {
  name: 'stop',
  async run(run) {
    if (!ran(run.state)) return undefined
    await onHost(run, 'stop', { timeoutMs: run.state.timeoutMs })
    return { commit: (tx) => changeServer(tx, run.serverId, { powerState: 'shutdown' }) }
  },
  async undo(run) {
    if (!ran(run.state)) return undefined
    const isPaused = run.state.before === 'paused'
    await onHost(run, 'start', undefined)
    if (isPaused) await onHost(run, 'pause', undefined)
    return { commit: (tx) => changeServer(tx, run.serverId, { powerState: isPaused ? 'paused' : 'running' }) }
  },
}

const ran = ({ before }: ShelveState) => before === 'active' || before === 'paused'

/** From here on the image is the server: it is looked for once more, and nothing is taken back. */
const keep: Step<ShelveState> = {
  name: 'keep',
  async run({ state, serverId, tools }) {
    const { imageId, digest, offload } = state
    if (!tools.plan && !(digest !== null && (await tools.images.has(digest))))
      throw new Fault('conflict', `the bytes of image ${imageId} are not in the image store`)
    const shelved = { imageId, at: iso(tools.clock.wall()) }
    const taskState = offload ? 'shelving_offloading' : null
    return {
      state: { ...state, isKept: true },
      commit: (tx) => changeServer(tx, serverId, { vmState: 'shelved', taskState, shelved }),
    }
  },
}

/** Nothing of the server is on its host any more. Its root disk, when it is made again, stands on the image. */
export async function markOffloaded(tx: Transaction, server: Server): Promise<void> {
  if (!server.shelved) return
  await changeServer(tx, server.id, {
    vmState: 'shelved_offloaded',
    host: null,
    powerState: 'shutdown',
    rootImageId: server.shelved.imageId,
    nics: server.nics.map((nic) => ({ ...nic, sshPort: null })),
  })
}

type Run = StepRun<unknown>

const offloaded = ({ serverId }: Run) => ({
  commit: async (tx: Transaction) => markOffloaded(tx, await serverOf(tx, serverId)),
})

/** The guest goes while its image is there. What a failed try left decides what the record says. */
async function leaveHost(run: Run) {
  const server = await run.tools.store.read((reader) => serverOf(reader, run.serverId))
  if (server.host === null) return undefined
  await needImage(run, server)
  await onHost(run, 'destroy', undefined)
  return offloaded(run)
}

async function lookAtHost(run: Run) {
  const server = await run.tools.store.read((reader) => serverOf(reader, run.serverId))
  if (server.host === null || server.shelved === null) return undefined
  const guest = await onHost(run, 'inspect', undefined).catch(() => undefined)
  return guest === null ? offloaded(run) : undefined
}

async function needImage({ tools }: Run, { name, shelved }: Server): Promise<void> {
  if (tools.plan) return
  const image = await tools.store.read(async (reader) => (shelved ? reader.get('images', shelved.imageId) : undefined))
  if (image?.checksum && !image.deleted && (await tools.images.has(image.checksum))) return
  throw new Fault('conflict', `the image of shelved server ${name} is gone: its disk is only on its host`, {
    hint: `nova unshelve ${name}`,
  })
}

/** record → stop → copy → store → keep → offload. */
export const shelveServer: Flow<ShelveState> = {
  name: 'shelve-server',
  action: 'shelve',
  steps: [
    unlessKept(recordStep<ShelveState>('shelving_image_pending_upload')),
    unlessKept(stop),
    unlessKept(copyStep<ShelveState>('shelving_image_uploading')),
    unlessKept(storeStep<ShelveState>()),
    keep,
    {
      name: 'offload',
      run: async (run) => (run.state.offload ? leaveHost(run) : undefined),
      undo: async (run) => (run.state.offload ? lookAtHost(run) : undefined),
    },
  ],
  // A server that only failed to leave its host stays shelved there.
  ...restEnds,
}

/** A shelved server leaves its host. */
export const offloadServer: Flow<null> = {
  name: 'shelve-offload-server',
  action: 'shelveOffload',
  steps: [{ name: 'offload', run: leaveHost, undo: lookAtHost }],
  ...restEnds,
}
