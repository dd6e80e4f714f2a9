import { migrate } from '../../actions/server/migrate.ts'
import { commandFor } from '../../cli/command-for.ts'

export default commandFor(migrate, {
  args: ['server'],
  aliases: ['migrate', 'server-migrate'],
  ask: { server: { list: 'server.list' } },
  columns: ['id', 'name', 'status', 'powerState', 'host', 'flavor'],
  examples: ['nova migrate web-1', 'nova migrate web-1 --host host-b', 'nova migrate web-1 --plan'],
})
