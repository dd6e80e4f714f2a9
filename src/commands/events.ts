import { list } from '../actions/event/list.ts'
import { commandFor } from '../cli/command-for.ts'
import { escapeText } from '../cli/escape.ts'

type Event = { readonly timestamp: string; readonly payload: Readonly<Record<string, unknown>> }

const nameOf = ({ display_name, name, host }: Event['payload']) => String(display_name ?? name ?? host ?? '')
const why = ({ message, state, state_description }: Event['payload']) =>
  String(message ?? [state, state_description].filter((word) => typeof word === 'string' && word !== '').join(' '))

export default commandFor(list, {
  items: 'events',
  render: ({ events }) =>
    events
      .map(({ message_id, timestamp, event_type, payload }) =>
        escapeText([message_id, timestamp, event_type, nameOf(payload), why(payload)].filter((part) => part !== '').join('  ')),
      )
      .join('\n'),
  goesOn: ({ next }, { follow }) => (follow ? { since: next } : undefined),
  columns: ['message_id', 'timestamp', 'event_type', 'publisher_id', 'priority', 'request_id'],
  examples: [
    'nova events',
    'nova events --follow --json',
    "nova events --type 'compute.instance.create.*' --server web-1",
    'nova events --since 2026-05-01T00:00:00Z',
  ],
})
