import { unset } from '../../actions/image/unset.ts'
import { commandFor } from '../../cli/command-for.ts'

export default commandFor(unset, {
  args: ['image', 'properties'],
  ask: { image: { list: 'image.list' } },
  columns: ['id', 'name', 'status', 'format', 'size', 'virtualSize', 'visibility'],
  wide: ['minRam', 'minDisk', 'protected', 'checksum', 'properties', 'createdAt'],
  examples: ['nova image unset cirros hw_disk_bus', 'nova image unset uploaded --kernel --ramdisk'],
})
