import { undrain } from '../../actions/host/undrain.ts'
import { commandFor } from '../../cli/command-for.ts'

export default commandFor(undrain, {
  args: ['host'],
  ask: { host: { list: 'host.list' } },
  columns: ['name', 'status', 'state', 'zone', 'servers'],
  examples: ['nova host undrain kvm1'],
})
