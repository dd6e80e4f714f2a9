import { show } from '../../actions/history/show.ts'
import type { Row } from '../../cli/columns.ts'
import { commandFor } from '../../cli/command-for.ts'

export default commandFor(show, {
  args: ['type', 'name'],
  aliases: ['history'],
  columns: ['revision', 'at', 'actor', { key: 'action', text: actionOf }, 'event', { key: 'changes', text: changesOf }],
  wide: ['request'],
  examples: ['nova history server web-1', 'nova history flavor m1.tiny --json'],
})

/** An undo names what it undid. */
function actionOf({ action, undoes }: Row): string {
  return typeof undoes === 'string' ? `undo of ${undoes}` : String(action)
}

/** One short phrase for each change: `name: web-1 → web-2`; the first revision has too many to show. */
function changesOf(row: Row): string {
  if (!Array.isArray(row.changes)) return '-'
  if (row.event === 'purged') return `older revisions were purged on ${String(row.changes[0]?.after).slice(0, 10)}`
  if (row.event !== 'changed') return '-'
  return row.changes
    .map(({ field, before, after }: Change) => `${field}: ${JSON.stringify(before)} → ${JSON.stringify(after)}`)
    .join(', ')
}
type Change = { readonly field: string; readonly before: unknown; readonly after: unknown }
