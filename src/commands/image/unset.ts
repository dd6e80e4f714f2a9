import { unset } from '../../actions/image/unset.ts'
import { commandFor } from '../../cli/command-for.ts'
import { imageColumns } from '../../cli/noun-views.ts'

export default commandFor(unset, {
  args: ['image', 'properties'],
  ask: { image: { list: 'image.list' } },
  ...imageColumns,
  examples: ['nova image unset cirros hw_disk_bus', 'nova image unset uploaded --kernel --ramdisk'],
})
