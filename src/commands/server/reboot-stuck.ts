import { rebootStuck } from '../../actions/server/reboot-stuck.ts'
import { commandFor } from '../../cli/command-for.ts'

export default commandFor(rebootStuck, {
  columns: ['id', 'name', 'status', 'powerState', 'host'],
  examples: ['nova server reboot-stuck'],
})
