import { prefetch } from '../../actions/image/prefetch.ts'
import { commandFor } from '../../cli/command-for.ts'
import { somethingLeft } from '../../cli/exit-codes.ts'

export default commandFor(prefetch, {
  args: ['image', 'hosts'],
  ask: { image: { list: 'image.list' } },
  columns: ['image', 'host', 'result', 'reason'],
  exitCode: (rows) => (rows.some(({ result }) => result === 'failed') ? somethingLeft : 0),
  examples: ['nova image prefetch cirros', 'nova image prefetch cirros kvm1 kvm2 --plan'],
})
