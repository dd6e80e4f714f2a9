/** What others may say to a live move that is under way; its owner sees it by the state of qemu. */
import { Fault } from '../../core/fault.ts'
import { hasEnded, livingProcess } from './guest-process.ts'
import { cancelMirrors, hasMirrors } from './live-disks.ts'
import { isMoving, mayPostCopy } from './live-memory.ts'
import { migrationOf, type Side, withTurn, wordOf } from './live-side.ts'
import type { Qmp } from './qmp.ts'

const quitMs = 10_000

/** Ends the move; the guest stays. `conflict` when it runs on the other side already. */
export const abortLive = (source: Side): Promise<void> =>
  say(source, async (qmp) => {
    const status = wordOf(await migrationOf(qmp), 'status')
    if (status.startsWith('postcopy'))
      throw new Fault('conflict', 'the guest runs on the other host already: its move can no longer be aborted')
    if (isMoving(status)) await qmp.execute('migrate_cancel')
    else await cancelMirrors(qmp)
  })

/** Lets the guest run on the other side at once where the order allowed post-copy, else stops it until all has travelled. */
export const forceLive = (source: Side): Promise<void> =>
  say(source, async (qmp) => {
    const isSending = wordOf(await migrationOf(qmp), 'status') === 'active'
    if (isSending && (await mayPostCopy(qmp))) await qmp.execute('migrate-start-postcopy')
    else if (isSending || (await hasMirrors(qmp))) await qmp.execute('stop')
  })

/** A move that ends meanwhile takes the source's process with it: there is nothing left to be told. */
async function say({ context, paths }: Side, order: (qmp: Qmp) => Promise<void>): Promise<void> {
  const found = await livingProcess(context, paths)
  if (!found) return
  await withTurn({ context, paths }, order).catch(async (error: unknown) => {
    const isCut = error instanceof Fault && error.kind === 'unreachable'
    if (!isCut || !(await hasEnded(context, paths, found.pid, quitMs))) throw error
  })
}
