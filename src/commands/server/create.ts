import { create } from '../../actions/server/create.ts'
import { commandFor } from '../../cli/command-for.ts'

export default commandFor(create, {
  args: ['name'],
  aliases: ['boot', 'server-create'],
  flags: {
    userData: { file: 'text' },
    metadata: { name: 'meta', aliases: ['property', 'metadata'] },
    hints: { name: 'hint' },
    keyName: { aliases: ['key'] },
  },
  ask: {
    image: { list: 'image.list' },
    flavor: { list: 'flavor.list' },
    nic: { label: 'network', choices: ['user', 'none'], unless: ['image', 'flavor'] },
  },
  columns: ['id', 'name', 'status', 'host', 'flavor', 'image', 'addresses', 'sshPort', 'keyName', 'requestId', 'createdAt'],
  follow: (input) => `nova server events ${input.name}`,
  examples: [
    'nova boot web-1 --image cirros --flavor m1.tiny',
    'nova boot web --image cirros --flavor m1.small --min-count 2 --max-count 4 --hint group=web',
    'nova boot web-1 --image cirros --flavor m1.tiny --plan',
    'nova boot web-1 --image cirros --flavor m1.tiny --nic bridge=br-lan',
    'nova boot job-7 --image cirros --flavor m1.tiny --idempotency-key job-7 --json',
  ],
})
