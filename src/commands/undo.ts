import { undo } from '../actions/request/undo.ts'
import { commandFor } from '../cli/command-for.ts'

export default commandFor(undo, {
  args: ['change'],
  aliases: ['request-undo'],
  render: ({ result, action, request, revisions, undoneBy, revision, records }) => {
    const what = `${action} (${request}, revision ${revisions.join(', ')})`
    if (result === 'already-undone') return `${what} was undone already by ${undoneBy}, revision ${revision}`
    return [
      `undone: ${what}`,
      ...records.map(({ type, name, event, changes }) => {
        const told = changes.map((one) => `${one.field} ${JSON.stringify(one.before)} → ${JSON.stringify(one.after)}`)
        return `  ${type} ${name}: ${event === 'changed' ? told.join(', ') : event}`
      }),
      `as revision ${revision}; nova undo ${revision} does it again`,
    ].join('\n')
  },
  examples: ['nova undo', 'nova undo 12 --plan', 'nova undo req-1f0e8e1c-9a57-4a5e-8d0c-0f5f0b5f9a11'],
})
