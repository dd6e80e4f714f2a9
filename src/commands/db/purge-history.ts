import { purgeHistory } from '../../actions/db/purge-history.ts'
import { commandFor } from '../../cli/command-for.ts'

export default commandFor(purgeHistory, {
  render: ({ revisions, changes, start }) =>
    [
      `purged ${revisions} revisions with ${changes} versions of records`,
      start ? `the oldest moment is revision ${start.revision}, --at ${start.at}` : 'the history is whole',
    ].join('\n'),
  examples: ['nova db purge-history --older-than-days 365 --yes', 'nova db purge-history --before 2026-01-31 --plan'],
})
