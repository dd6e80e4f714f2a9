import { commandFor } from '../../cli/command-for.ts'
import { contextAdd } from '../../cli/context-actions.ts'

export default commandFor(contextAdd, {
  args: ['name'],
  flags: { at: { name: 'state' }, url: { name: 'endpoint' }, in: { name: 'project' } },
  examples: ['nova context add lab --state /srv/nova --project web'],
})
