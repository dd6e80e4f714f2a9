import { adopt } from '../../actions/import/adopt.ts'
import { commandFor } from '../../cli/command-for.ts'

export default commandFor(adopt, {
  args: ['host', 'domain'],
  ask: { host: { list: 'host.list' } },
  examples: [
    'nova import adopt hv1 old-database',
    'nova import adopt hv1 old-database --name db-1 --project shop',
    'nova import adopt hv1 old-database --plan',
  ],
})
