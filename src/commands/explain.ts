import { explain } from '../actions/server/explain.ts'
import { commandFor } from '../cli/command-for.ts'
import { decisionsIn, renderDecision } from '../cli/render-decision.ts'

export default commandFor(explain, {
  args: ['target'],
  aliases: ['server-explain'],
  render: ({ requestId, name, createdAt, refused, decisions }, screen) =>
    [
      `boot of ${name} at ${createdAt} (${requestId})${refused === null ? '' : `: ${refused}`}`,
      ...decisionsIn(decisions).map((decision) => renderDecision(decision, { width: screen.width })),
    ].join('\n'),
  examples: ['nova explain web-1', 'nova explain web-1 --json'],
})
