import { create } from '../../actions/aggregate/create.ts'
import { commandFor } from '../../cli/command-for.ts'

export default commandFor(create, {
  args: ['name'],
  aliases: ['aggregate-create'],
  flags: { zone: { aliases: ['availability-zone'] }, metadata: { name: 'property' } },
  columns: ['id', 'name', 'availabilityZone', 'hosts'],
  wide: ['metadata', 'createdAt'],
  examples: ['nova aggregate create rack-1 --zone az1', 'nova aggregate create fast --property ssd=true'],
})
