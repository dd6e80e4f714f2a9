/** The call that moves a running guest, with what people ask of it meanwhile and what it says of itself. */
import { asFault, Fault } from '../core/fault.ts'
import { iso } from '../core/time.ts'
import type { LiveOrder, LiveProgress, LiveResult } from '../drivers/driver.ts'
import { authorship } from './drive-flow.ts'
import type { StepRun } from './flow.ts'
import { type MoveState, migrationOf, movedSpec } from './moving.ts'
import { onHostNamed, serverOf } from './server-steps.ts'
import { sayBytes } from './transfer-progress.ts'

type Run = StepRun<MoveState & { readonly sshPort: number | null }>

/** How often the record is asked for orders: an abort waits this long at most. */
const pollMs = 500
/** The shortest time between two notes of progress in the records, each a line of the journal. */
const noteMs = 2000

/** Moves the guest to its end, and passes orders on to its host while it moves. */
export async function moveUnderOrders(run: Run, order: LiveOrder, deadlineMs: number): Promise<LiveResult> {
  const { sourceHost, destHost } = run.state
  const notes = progressNotes(run, await nameOf(run))
  const over = new AbortController()
  const args = { to: destHost, spec: await movedSpec(run, run.state.sshPort), order }
  const given = new Set<string>()
  const watch = watchOrders(run, over.signal, given)
  try {
    return await onHostNamed(run, sourceHost, 'moveLive', args, { deadlineMs, onProgress: notes.take })
  } catch (error) {
    // Hypervisors have many words for a job that was ended half-way: of a disk on its way libvirt says that it failed.
    if (!given.has('abort') || asFault(error).kind !== 'internal') throw error
    throw new Fault('conflict', `the live migration of server ${run.serverId} was aborted`, { cause: error })
  } finally {
    over.abort()
    await Promise.all([watch, notes.written()])
  }
}

const nameOf = async (run: Run) => (await run.tools.store.read((reader) => serverOf(reader, run.serverId))).name

/** An order is given again until the move is over: the first time there may have been nothing to give it to. */
async function watchOrders(run: Run, over: AbortSignal, given: Set<string>): Promise<void> {
  const { clock, store } = run.tools
  while (!over.aborted && !run.signal.aborted) {
    const migration = await store.read((reader) => migrationOf(reader, run.state)).catch(() => undefined)
    if (over.aborted) return
    if (migration?.order) given.add(migration.order)
    // A host that does not take it now is asked again.
    if (migration?.order === 'abort') await tell(run, 'abortLive')
    if (migration?.order === 'force-complete') await tell(run, 'forceLive')
    await clock.sleep(pollMs, over).catch(() => undefined)
  }
}

const tell = (run: Run, method: 'abortLive' | 'forceLive') =>
  onHostNamed(run, run.state.sourceHost, method, undefined).catch(() => undefined)

/** Progress for those who watch at once, for the records now and then. */
function progressNotes(run: Run, name: string) {
  const { clock } = run.tools
  const say = sayBytes(run.tools)
  let notedAt = Number.NEGATIVE_INFINITY
  let writing: Promise<unknown> = Promise.resolve()
  let isWriting = false

  const note = async (progress: LiveProgress) => {
    await writeProgress(run, progress)
    isWriting = false
  }

  return {
    take(report: unknown): void {
      const progress = report as LiveProgress
      for (const part of ['disks', 'memory'] as const) {
        const { total, remaining } = progress[part]
        if (total > 0) say({ what: `${part} of ${name}`, done: total - remaining, total })
      }
      if (isWriting || clock.monotonic() - notedAt < noteMs) return
      notedAt = clock.monotonic()
      isWriting = true
      writing = note(progress).catch(() => undefined)
    },
    written: () => writing,
  }
}

/** Only while this owner's move runs: one that was taken over says nothing more. */
async function writeProgress(run: Run, { phase, disks, memory }: LiveProgress): Promise<void> {
  const { store, clock } = run.tools
  const [flow] = await store.read((reader) => reader.list('flows', { where: { serverId: run.serverId, open: true }, limit: 1 }))
  if (!flow || flow.epoch !== run.epoch) return
  await store.transaction(authorship(flow), async (tx) => {
    const migration = await migrationOf(tx, run.state)
    const at = iso(clock.wall())
    if (migration.status === 'running')
      await tx.update('migrations', { ...migration, progress: { phase, disks, memory, at }, updatedAt: at })
  })
}
