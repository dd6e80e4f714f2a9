import { list } from '../../actions/server/list.ts'
import { commandFor } from '../../cli/command-for.ts'

export default commandFor(list, {
  aliases: ['list', 'server-list'],
  columns: ['id', 'name', 'status', 'taskState', 'powerState', 'host', 'flavor', 'addresses'],
  wide: ['image', 'keyName', 'availabilityZone', 'sshPort', 'createdAt'],
  examples: [
    'nova list',
    'nova list --status ACTIVE --sort name',
    'nova list -f json -c id -c name',
    'nova list --limit 20 --marker ID',
  ],
})
