import { set } from '../../actions/image/set.ts'
import { commandFor } from '../../cli/command-for.ts'
import { imageColumns } from '../../cli/noun-views.ts'

export default commandFor(set, {
  args: ['image', 'properties'],
  aliases: ['image-meta'],
  ask: { image: { list: 'image.list' } },
  ...imageColumns,
  examples: [
    'nova image set cirros hw_disk_bus=virtio',
    'nova image set cirros --min-ram 256 --protected',
    'nova image set cirros --visibility public',
  ],
})
