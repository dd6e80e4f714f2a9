/** Steps that make an image of a server's root disk: of the flows that do only that, and of a shelve. */
import { claimedDisk } from '../compute/guest-spec.ts'
import { asFault, Fault } from '../core/fault.ts'
import { iso } from '../core/time.ts'
import type { TaskState } from '../model/states.ts'
import type { Step, StepRun } from './flow.ts'
import { rootImageOf } from './guest-steps.ts'
import { dropUnusedBytes } from './image-bytes.ts'
import { msPerGib } from './moving.ts'
import { changeServer, onHost, serverOf } from './server-steps.ts'
import { transferProgress } from './transfer-progress.ts'

/** What every flow that makes an image carries. */
export interface SnapshotState {
  /** The image's record; it was written with the flow's. */
  readonly imageId: string
  /** SHA-256 of the bytes that arrived; null until then. */
  readonly digest: string | null
  /** The service that took them from the host; left out where there is one daemon. */
  readonly from?: string | undefined
  /** From here on nothing is taken back: the server, or older images, may depend on this one. */
  readonly isKept: boolean
}

type Run = StepRun<SnapshotState>
const gib = 1024 ** 3

/** The step without its undo once the image is kept. */
export function unlessKept<S extends SnapshotState>(step: Step<S>): Step<S> {
  const { undo } = step
  return undo ? { ...step, undo: async (run) => (run.state.isKept ? undefined : undo(run)) } : step
}

/** Who does it, in the journal. */
export const authorOf = ({ requestId }: Run, action: string) => ({ actor: 'system', request: requestId, action })

const capability = 'snapshot'

/** A host that cannot make images ends it before anything happens. Its undo removes the record. */
export const recordStep = <S extends SnapshotState>(next: TaskState): Step<S> => ({
  name: 'record',
  async run(run) {
    if (!(await onHost(run, 'capabilities', undefined)).includes(capability))
      throw new Fault('unsupported', 'the host of this server cannot make images: its driver has no such capability', {
        hint: 'nova host show names its driver',
      })
    return {
      async commit(tx) {
        const image = await tx.get('images', run.state.imageId)
        if (image) await tx.update('images', { ...image, status: 'saving' })
        await changeServer(tx, run.serverId, { taskState: next })
      },
    }
  },
  undo: async ({ state }) => ({
    async commit(tx) {
      if (await tx.get('images', state.imageId)) await tx.remove('images', state.imageId)
    },
  }),
})

/** Brings the disk to the controller. Repeated after a cut it begins again; what is half there goes with the undo. */
export const copyStep = <S extends SnapshotState>(next: TaskState): Step<S> => ({
  name: 'copy',
  async run(run) {
    const { tools, state } = run
    const { image, deadlineMs } = await orderOf(run)
    const localPath = tools.plan ? state.imageId : await tools.images.incoming(state.imageId)
    const more = { deadlineMs: 2 * deadlineMs, onProgress: transferProgress(tools, `image ${image}`) }
    const { digest, service: from } = await onHost(run, 'snapshot', { localPath, deadlineMs }, more)
    return { state: { ...state, digest, from }, commit: (tx) => changeServer(tx, run.serverId, { taskState: next }) }
  },
  async undo(run) {
    const { tools, state } = run
    // The disk of a host that is gone goes with its guest, or with the next image of it.
    await onHost(run, 'dropSnapshot', undefined).catch(unlessSilent)
    if (tools.plan) return undefined
    await tools.images.discard(state.imageId, state.from)
    if (state.digest !== null) await dropUnusedBytes(tools, state.digest, authorOf(run, 'image.delete'))
    return undefined
  },
})

function unlessSilent(error: unknown): void {
  const fault = asFault(error)
  if (fault.kind !== 'unreachable' && fault.kind !== 'timeout') throw fault
}

async function orderOf(run: Run): Promise<{ readonly image: string; readonly deadlineMs: number }> {
  const { store, settings } = run.tools
  return store.read(async (reader) => {
    const server = await serverOf(reader, run.serverId)
    const disk = claimedDisk(server.flavor, (await rootImageOf(reader, server)) ?? null, [])
    const image = await reader.get('images', run.state.imageId)
    return { image: image?.name ?? run.state.imageId, deadlineMs: settings.computeDeadlineMs + disk * msPerGib }
  })
}

/** Inspects what arrived, as every image, and makes the record complete. */
export const storeStep = <S extends SnapshotState>(): Step<S> => ({
  name: 'store',
  async run(run) {
    const { tools, state } = run
    const { imageId, digest, from } = state
    if (tools.plan) return undefined
    if (digest === null) throw new Fault('internal', `no bytes of image ${imageId} arrived`)
    const arrived = { digest, format: 'qcow2', maxBytes: tools.settings.maxImageBytes, from } as const
    const { size, format, virtualSize } = await tools.images.takeOver(imageId, arrived)
    return {
      async commit(tx) {
        const image = await tx.get('images', imageId)
        if (!image) throw new Fault('conflict', `image ${imageId} was deleted while it was made`)
        const minDisk = Math.max(image.minDisk, Math.ceil(virtualSize / gib))
        const updatedAt = iso(tools.clock.wall())
        const facts = { status: 'active', format, size, virtualSize, checksum: digest, minDisk, updatedAt } as const
        await tx.update('images', { ...image, ...facts })
      },
    }
  },
  undo: async ({ state }) => ({
    async commit(tx) {
      const image = await tx.get('images', state.imageId)
      if (image) await tx.update('images', { ...image, status: 'saving', checksum: null })
    },
  }),
})
