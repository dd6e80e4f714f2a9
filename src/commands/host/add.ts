import { add } from '../../actions/host/add.ts'
import { commandFor } from '../../cli/command-for.ts'
import { hostColumns } from '../../cli/noun-views.ts'

export default commandFor(add, {
  args: ['name'],
  ...hostColumns,
  examples: [
    'nova host add here',
    'nova host add fake-1 --driver fake',
    'nova host add here --virt-type qemu --reserved-memory-mb 2048',
  ],
})
