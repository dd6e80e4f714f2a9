import { list } from '../../actions/image/list.ts'
import { commandFor } from '../../cli/command-for.ts'
import { imageColumns } from '../../cli/noun-views.ts'

export default commandFor(list, {
  aliases: ['image-list'],
  ...imageColumns,
  examples: ['nova image list', 'nova image list --disk-format qcow2 --status active', "nova image list --filter 'name=cirros*'"],
})
