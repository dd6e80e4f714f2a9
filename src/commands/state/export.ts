import { commandFor } from '../../cli/command-for.ts'
import { stateExport } from '../../cli/state-actions.ts'

export default commandFor(stateExport, {
  args: ['file'],
  done: ({ file, place, records }) => `${records} records of ${place} are in ${file}`,
  examples: ['nova state export records.jsonl', 'nova state export records.jsonl --from postgres://nova@db.example.org/nova'],
})
