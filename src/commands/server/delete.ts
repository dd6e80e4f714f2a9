import { remove } from '../../actions/server/delete.ts'
import { commandFor } from '../../cli/command-for.ts'

type Gone = readonly { readonly name: string; readonly status: string }[]

/** A soft delete can be taken back: the person should know now. */
function told(gone: Gone): string {
  const named = (rows: Gone) => rows.map(({ name }) => name).join(', ')
  const kept = gone.filter(({ status }) => status === 'SOFT_DELETED')
  const lost = gone.filter(({ status }) => status !== 'SOFT_DELETED')
  return [
    ...(lost.length > 0 ? [`deleted server ${named(lost)}`] : []),
    ...(kept.length > 0 ? [`soft deleted server ${named(kept)}, which nova restore brings back`] : []),
  ].join('; ')
}

export default commandFor(remove, {
  args: ['servers'],
  aliases: ['delete', 'server-delete'],
  ask: { servers: { list: 'server.list' } },
  columns: ['id', 'name', 'status'],
  done: (gone) => told(gone),
  examples: ['nova delete web-1', 'nova delete web-1 web-2 --yes', 'nova delete web-1 --plan'],
})
