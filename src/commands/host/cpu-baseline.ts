import { cpuBaseline } from '../../actions/host/cpu-baseline.ts'
import { commandFor } from '../../cli/command-for.ts'
import { render } from '../../cli/render.ts'

const view = { format: 'table', columns: [], header: true } as const

export default commandFor(cpuBaseline, {
  args: ['hosts'],
  async render({ hosts, guestCpu, features }, screen) {
    const table = await render(hosts, { columns: ['host', 'model', 'vendor', 'lacks', 'error'] }, view, screen)
    return `${table}\n\n${features.length} features for every guest. nova host set HOST --guest-cpu ${guestCpu}`
  },
  examples: ['nova host cpu-baseline', 'nova host cpu-baseline hv1 hv2 -f value -c guest-cpu'],
})
