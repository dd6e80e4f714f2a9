/** nova-manage's commands about the records. Exit codes are Nova's. */
import { field, type ManageRow, passed, say } from './manage-row.ts'

const verbose = { verbose: { ignored: 'what happens is always said' } } as const
const oneStore = { 'all-cells': { ignored: 'one store holds everything: there are no cells' } } as const
const mostRows = 2 ** 31 - 1

export const databaseRows: readonly ManageRow[] = [
  {
    words: 'db sync',
    summary: 'bring the records into the form of this program',
    flags: {
      version: { ignored: 'changes go to the newest form only', value: true },
      'local-cell': { ignored: 'there is one store' },
    },
    run: () => [['db', 'sync']],
  },
  { words: 'db version', summary: 'show the form of the records', run: () => [['db', 'version']] },
  { words: 'api_db sync', summary: 'the same as db sync: there is one store', run: () => [['db', 'sync']] },
  { words: 'api_db version', summary: 'the same as db version', run: () => [['db', 'version']] },
  {
    words: 'db archive_deleted_rows',
    summary: 'move deleted servers with all that belongs to them into the archive',
    flags: {
      'max-rows': 'value',
      before: 'value',
      'until-complete': 'switch',
      purge: 'switch',
      sleep: 'value',
      ...verbose,
      ...oneStore,
      'task-log': { ignored: 'there is no table of usage audits' },
    },
    run(given) {
      const rows = given.flags.get('max-rows') ?? '1000'
      if (!/^\d{1,10}$/.test(rows) || Number(rows) > mostRows)
        return say(`--max_rows must be a whole number from 0 to ${mostRows}, not "${rows}"`, 2)
      if (Number(rows) === 0) return say('nothing was archived')
      const limit = given.flags.has('until-complete') ? [] : ['--max-rows', rows]
      const archive = ['db', 'archive', ...limit, ...passed(given, 'before'), ...passed(given, 'sleep')]
      return [archive, ...(given.flags.has('purge') ? [['db', 'purge', '--all', '--yes']] : [])]
    },
    code: (output, { flags }) => (flags.has('until-complete') || field(output, 'records') === 0 ? 0 : 1),
    faults: { unreachable: 3, invalid: 4 },
  },
  {
    words: 'db purge',
    summary: 'remove archived servers for ever',
    flags: { before: 'value', all: 'switch', history: 'switch', ...verbose, ...oneStore },
    run(given) {
      if (!given.flags.has('before') && !given.flags.has('all')) return say('either --before or --all is required', 1)
      const history = given.flags.has('history') ? ['--history'] : []
      return [['db', 'purge', ...passed(given, 'before'), ...(given.flags.has('before') ? [] : ['--all']), ...history, '--yes']]
    },
    code: (output) => (field(output, 'servers') === 0 ? 3 : 0),
    faults: { invalid: 2, unreachable: 4 },
  },
  {
    words: 'db purge_history',
    summary: 'drop old revisions for ever, and keep the state as the last of them left it',
    flags: { before: 'value', 'older-than-days': 'value', ...verbose },
    run: (given) => [['db', 'purge-history', ...passed(given, 'before'), ...passed(given, 'older-than-days'), '--yes']],
    code: (output) => (field(output, 'revisions') === 0 ? 3 : 0),
    faults: { invalid: 2, unreachable: 4 },
  },
  {
    words: 'db online_data_migrations',
    summary: 'make the changes of records that are made while everything runs',
    flags: { 'max-count': 'value' },
    run: (given) => [['db', 'migrate-online', ...passed(given, 'max-count')]],
    code(output) {
      const rows: unknown[] = Array.isArray(output) ? output : []
      if (rows.some((row) => Number(field(row, 'done')) > 0)) return 1
      return rows.some((row) => field(row, 'error') !== null) ? 2 : 0
    },
    faults: { invalid: 127 },
  },
  {
    words: 'db check',
    summary: 'check the journal, the references between records, and the archive',
    run: () => [['db', 'check']],
    code: (output) => (Number(Object(field(output, 'problems')).length) > 0 ? 1 : 0),
  },
  { words: 'db compact', summary: 'write a snapshot of the records now', run: () => [['db', 'compact']] },
  {
    words: 'db export',
    summary: 'write all records into one file',
    args: 'FILE',
    run: ({ words }) => [['state', 'export', ...words]],
  },
  {
    words: 'db import',
    summary: 'read such a file into an empty place',
    args: 'FILE',
    run: ({ words }) => [['state', 'import', ...words]],
  },
  {
    words: 'db diff',
    summary: 'compare two places or files record by record',
    args: 'A B',
    run: ({ words }) => [['state', 'diff', ...words]],
    code: (output) => (Array.isArray(output) && output.length > 0 ? 1 : 0),
  },
  {
    words: 'db restore',
    summary: 'put an archived server back among the deleted ones',
    flags: { server: 'value' },
    run: (given) => [['db', 'restore', ...passed(given, 'server')]],
  },
]
