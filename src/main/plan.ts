/** What only a plan needs: the draft over the records, and the records that it would leave changed. */
import type { ProgressSink } from '../core/ports.ts'
import type { DraftStore } from '../state/draft.ts'
import type { Store } from '../state/store.ts'

/** The last step of every plan. */
export async function announceRecords(draft: Store, base: Store, flow: string, progress: ProgressSink): Promise<void> {
  if (!('changes' in draft)) return
  const { plannedChanges } = await import('../actions/history/planned-changes.ts')
  const commands = await plannedChanges(draft as DraftStore, base)
  if (commands.length > 0) progress({ type: 'step', flow, step: 'records', status: 'done', commands })
}
