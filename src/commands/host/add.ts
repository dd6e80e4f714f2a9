import { add } from '../../actions/host/add.ts'
import { commandFor } from '../../cli/command-for.ts'
import { hostColumns } from '../../cli/noun-views.ts'

export default commandFor(add, {
  args: ['name', 'address'],
  again: ({ message, details }) =>
    typeof details === 'object' && details !== null && 'isNewKey' in details
      ? { question: `${message}; accept it?`, input: { acceptNew: true } }
      : undefined,
  ...hostColumns,
  examples: [
    'nova host add here',
    'nova host add fake-1 --driver fake',
    'nova host add hv1 root@10.0.0.11 --accept-new',
    'nova host add hv2 admin@hv2.example.org:2222 --sudo --jump gate.example.org --identity ~/.ssh/nova',
    'nova host add here --virt-type qemu --reserved-memory-mb 2048',
  ],
})
