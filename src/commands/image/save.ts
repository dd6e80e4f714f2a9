import { save } from '../../actions/image/save.ts'
import { commandFor } from '../../cli/command-for.ts'

export default commandFor(save, {
  args: ['image', 'file'],
  aliases: ['image-download'],
  ask: { image: { list: 'image.list' } },
  done: ({ name, size }, { file }) => (file === '-' ? '' : `saved image ${name} (${size} bytes) to ${file}`),
  examples: ['nova image save cirros cirros.qcow2', 'nova image save cirros - | sha256sum'],
})
