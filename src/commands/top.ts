import { commandFor } from '../cli/command-for.ts'
import { type DaemonTop, renderTop } from '../cli/daemon-top.ts'
import type { Screen } from '../cli/screen.ts'
import { defaultInterval, top } from '../cli/top-action.ts'

const isLive = ({ once }: { readonly once: boolean }, screen: Screen) => !once && screen.outIsTerminal && screen.interactive

export default commandFor(top, {
  render: (look, screen, input) => (isLive(input, screen) ? '' : renderTop(look, screen)),
  after: async (_first, screen, connection, input) => {
    if (!isLive(input, screen)) return 0
    const { liveView } = await import('../cli/live-view.ts')
    let last: DaemonTop | undefined
    const signal = new AbortController().signal
    const look = async (sized: Screen) => {
      const now = top.output.parse(await connection.call(top, input, { signal, progress: () => undefined }))
      const text = renderTop(now, sized, last)
      last = now
      return text
    }
    return liveView({ seconds: input.interval ?? defaultInterval, look }, screen)
  },
  examples: ['nova top', 'nova top --once', 'nova top --interval 10', 'nova top --json'],
})
