import { create } from '../../actions/image/create.ts'
import { commandFor } from '../../cli/command-for.ts'
import { imageColumns } from '../../cli/noun-views.ts'

export default commandFor(create, {
  args: ['name'],
  flags: {
    source: { name: 'file', file: 'path', aliases: ['from', 'location'] },
    properties: { name: 'property' },
    allowPrivate: { name: 'allow-private-network' },
  },
  ask: { source: { label: 'file or https URL of the image' } },
  ...imageColumns,
  examples: [
    'nova image create cirros --file cirros.qcow2',
    'nova image create cirros --file https://example.org/cirros.qcow2 --checksum SHA256',
    'zcat disk.gz | nova image create disk --file - --min-disk 10',
  ],
})
