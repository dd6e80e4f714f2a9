import { commandFor } from '../../cli/command-for.ts'
import { stateImport } from '../../cli/state-actions.ts'

export default commandFor(stateImport, {
  args: ['file'],
  done: ({ file, place, records }) => `${records} records of ${file} are in ${place}`,
  examples: ['nova state import records.jsonl --to /srv/nova'],
})
