import { list } from '../../actions/flavor/list.ts'
import { commandFor } from '../../cli/command-for.ts'

export default commandFor(list, {
  aliases: ['flavor-list'],
  columns: ['id', 'name', 'ram', 'vcpus', 'disk', 'ephemeral', 'swap'],
  wide: ['isPublic', 'extraSpecs', 'description', 'createdAt'],
  examples: ['nova flavor list', 'nova flavor list --sort ram:desc', 'nova flavor list -f wide --all'],
})
