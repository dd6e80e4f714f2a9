import { add } from '../../actions/webhook/add.ts'
import { commandFor } from '../../cli/command-for.ts'

export default commandFor(add, {
  args: ['url'],
  flags: { secret: { name: 'secret-file', file: true } },
  columns: ['secret', 'id', 'url', 'type'],
  examples: ["nova webhook add https://hooks.example.org/nova --type 'compute.instance.*' --secret-file key.txt"],
})
