import { liveMigrate } from '../../actions/server/live-migrate.ts'
import { commandFor } from '../../cli/command-for.ts'

export default commandFor(liveMigrate, {
  args: ['server', 'host'],
  aliases: ['live-migration', 'live-migrate'],
  ask: { server: { list: 'server.list' } },
  columns: ['id', 'name', 'status', 'powerState', 'host', 'flavor'],
  follow: ({ server }) => `nova migration list --server ${server}`,
  examples: [
    'nova live-migration web-1',
    'nova live-migration web-1 host-b --max-downtime 200 --bandwidth 100',
    'nova live-migration web-1 --block-migrate --auto-converge',
    'nova live-migration web-1 --plan',
  ],
})
