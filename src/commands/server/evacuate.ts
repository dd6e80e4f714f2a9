import { evacuate } from '../../actions/server/evacuate.ts'
import { commandFor } from '../../cli/command-for.ts'

export default commandFor(evacuate, {
  args: ['server'],
  aliases: ['evacuate', 'server-evacuate'],
  ask: { server: { list: 'server.list' } },
  columns: ['id', 'name', 'status', 'powerState', 'host', 'image'],
  follow: (input) => `nova server events ${input.server}`,
  examples: [
    'nova evacuate web-1 --i-checked-it-is-off "alice: PDU port 4 is off"',
    'nova evacuate web-1 --host kvm2 --i-checked-it-is-off "alice: pulled the plug"',
  ],
})
