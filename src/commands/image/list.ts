import { list } from '../../actions/image/list.ts'
import { commandFor } from '../../cli/command-for.ts'

export default commandFor(list, {
  aliases: ['image-list'],
  columns: ['id', 'name', 'status', 'format', 'size', 'virtualSize', 'visibility'],
  wide: ['minRam', 'minDisk', 'protected', 'checksum', 'properties', 'createdAt'],
  examples: ['nova image list', 'nova image list --disk-format qcow2 --status active', "nova image list --filter 'name=cirros*'"],
})
