import { commandFor } from '../../cli/command-for.ts'
import { stateMove } from '../../cli/state-actions.ts'

export default commandFor(stateMove, {
  render: ({ from, to, revisions, resumedAt, secrets, archived, stateHash, historyHash, archiveHash }) =>
    [
      `moved ${revisions} revisions${resumedAt > 0 ? ` (${resumedAt} of them earlier)` : ''}, ${secrets} secrets and ${archived} archived servers`,
      `from ${from}`,
      `to ${to}`,
      `records ${stateHash}, history ${historyHash} and archive ${archiveHash}, the same on both sides`,
    ].join('\n'),
  examples: ['nova state move --from json:/srv/nova --to postgres://nova@db.example.org/nova'],
})
