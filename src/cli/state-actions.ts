/** `nova state …`: what is done to a place of records as a whole, by this process and never by a daemon. */
import { object, text, z } from '../core/schema.ts'
import { defineLocal } from './local-action.ts'

const place = () =>
  text(2048).regex(/^(json:.|postgres(ql)?:\/\/)/, { message: 'must be json:DIRECTORY or postgres://USER@HOST/DATABASE' })

export const stateMove = defineLocal({
  name: 'state.move',
  summary: 'move all records, their history, archive and secrets to another place, verified; goes on where it was interrupted',
  effect: 'write',
  policy: 'admin',
  input: object({
    from: place().describe('where the records are: json:DIRECTORY or postgres://USER@HOST/DATABASE'),
    to: place().describe('an empty place of either kind; a password comes from PGPASSFILE or PGPASSWORD'),
  }),
  output: z.object({
    from: z.string(),
    to: z.string(),
    revisions: z.int(),
    resumedAt: z.int(),
    secrets: z.int(),
    archived: z.int(),
    stateHash: z.string(),
    historyHash: z.string(),
    archiveHash: z.string(),
  }),
  async run({ from, to }, call) {
    const { moveBetween } = await import('../main/move.ts')
    return moveBetween(from, to, (done, total) => call.progress({ type: 'bytes', what: 'revisions', done, total }))
  },
})

const file = () => text(4096)
const exported = z.object({ file: z.string(), place: z.string(), records: z.int() })

export const stateExport = defineLocal({
  name: 'state.export',
  summary: 'write all records into one file of JSON lines with a checksum; archive, history and secrets are not in it',
  effect: 'write',
  policy: 'admin',
  input: object({
    file: file().describe('a new file'),
    from: file().optional().describe('where the records are; --state when left out'),
  }),
  output: exported.extend({ sha256: z.string() }),
  async run({ file: path, from }, call) {
    const { exportTo } = await import('../main/export.ts')
    const place = from ?? call.target().stateDirectory
    const { records, hash } = await exportTo(place, path)
    return { file: path, place, records, sha256: hash }
  },
})

export const stateImport = defineLocal({
  name: 'state.import',
  summary: 'read exported records into an empty place, verified',
  effect: 'write',
  policy: 'admin',
  input: object({
    file: file().describe('an exported file'),
    to: file().optional().describe('an empty place; --state when left out'),
  }),
  output: exported,
  async run({ file: path, to }, call) {
    const { importFrom } = await import('../main/export.ts')
    const place = to ?? call.target().stateDirectory
    return { file: path, place, records: (await importFrom(path, place)).records }
  },
})

export const stateDiff = defineLocal({
  name: 'state.diff',
  summary: 'compare two places or exported files record by record',
  effect: 'read',
  policy: 'admin',
  input: object({
    a: file().describe('a state directory, a database or an exported file'),
    b: file().describe('what it is compared with'),
  }),
  output: z.array(
    z.object({ table: z.string(), id: z.string(), change: z.enum(['added', 'removed', 'changed']), fields: z.array(z.string()) }),
  ),
  async run({ a, b }) {
    const { diffPlaces } = await import('../main/export.ts')
    return (await diffPlaces(a, b)).map(({ fields, ...rest }) => ({ ...rest, fields: [...fields] }))
  },
})
