import { migrateOnline } from '../../actions/db/migrate-online.ts'
import { commandFor } from '../../cli/command-for.ts'
import { somethingLeft } from '../../cli/exit-codes.ts'

export default commandFor(migrateOnline, {
  columns: ['name', 'found', 'done', 'error'],
  exitCode: (rows) => (rows.some(({ error }) => error !== null) ? somethingLeft : 0),
  examples: ['nova db migrate-online', 'nova db migrate-online --max-count 1000'],
})
