/** nova-manage's commands about projects, services, hosts, cells and claims. */
import { field, type ManageRow, passed, say } from './manage-row.ts'
import type { Given } from './manage-words.ts'

const counted =
  'nothing to refresh: what a project uses is counted from its servers in the transaction that asks, and kept nowhere else'
const oneCell = 'nothing to do: one store holds every host and server, which is the only cell'
const noNetworks = 'nothing to scrub: a project owns no network'
/** Findings about what servers claim on hosts. */
const claims = ['NVD002', 'NVD003', 'NVD004', 'NVD005', 'NVD010', 'NVD012'].flatMap((code) => ['--codes', code])

/** `project quota P`, `… P KEY VALUE` or `… P --key KEY --value VALUE`. */
function quota({ words: [project, word, number], flags }: Given) {
  const [key, value] = [flags.get('key') ?? word, flags.get('value') ?? number]
  const named = project === undefined ? [] : [project]
  if (key === undefined || value === undefined) return [['quota', 'show', ...named]]
  return [['quota', 'set', ...named, `--${key.replaceAll('_', '-')}`, value === 'unlimited' ? '-1' : value]]
}

/** A command of Nova's that has no meaning here. */
const unsupported = (words: string, reason: string): ManageRow => ({
  words,
  summary: 'unsupported, and says why',
  args: '[WORD...]',
  run: () => say(reason, 1),
})

const ofProject = (words: string): ManageRow[] => [
  {
    words: `${words} quota`,
    summary: "show or change a project's limits",
    args: 'PROJECT [KEY VALUE]',
    flags: { key: 'value', value: 'value' },
    run: quota,
  },
  {
    words: `${words} quota_usage_refresh`,
    summary: 'not needed, and says why',
    args: 'PROJECT',
    flags: {
      user: { ignored: 'there is nothing to refresh', value: true },
      key: { ignored: 'there is nothing to refresh', value: true },
    },
    run: () => say(counted),
  },
  { words: `${words} scrub`, summary: 'take networks from a project', args: 'PROJECT', run: () => say(noNetworks) },
]

const rowsOf = (output: unknown): unknown[] => (Array.isArray(output) ? output : [])

export const cloudRows: readonly ManageRow[] = [
  ...ofProject('project'),
  ...ofProject('account'),
  { words: 'quota refresh', summary: 'not needed, and says why', run: () => say(counted) },
  { words: 'service list', summary: 'list services', run: () => [['service', 'list']] },
  {
    words: 'service enable',
    summary: 'let a service take work',
    args: 'SERVICE',
    run: ({ words }) => [['service', 'enable', ...words.slice(0, 1)]],
  },
  {
    words: 'service disable',
    summary: 'give a service no more work',
    args: 'SERVICE',
    run: ({ words }) => [['service', 'disable', ...words.slice(0, 1)]],
  },
  { words: 'host list', summary: 'list hosts', run: () => [['host', 'list']] },
  {
    words: 'cell_v2 discover_hosts',
    summary: 'read again what the hosts have',
    flags: {
      'cell-uuid': { ignored: 'there is one cell', value: true },
      'by-service': { ignored: 'hosts are added by name' },
      strict: 'switch',
      verbose: { ignored: 'what happens is always said' },
    },
    run: () => [['host', 'refresh']],
    code: (output, { flags }) => (flags.has('strict') && !rowsOf(output).some((row) => field(row, 'state') === 'up') ? 1 : 0),
  },
  {
    words: 'cell_v2 list_hosts',
    summary: 'list hosts',
    flags: { 'cell-uuid': { ignored: 'there is one cell', value: true } },
    run: () => [['host', 'list']],
  },
  {
    words: 'cell_v2 list_cells',
    summary: 'show the one cell: where the records are',
    flags: { verbose: { ignored: 'everything is shown' } },
    run: () => [['db', 'version']],
  },
  {
    words: 'cell_v2 verify_instance',
    summary: 'say where the records of a server are',
    flags: { uuid: 'value', quiet: { ignored: 'use the exit code' } },
    run: ({ flags, words }) => [['db', 'locate', flags.get('uuid') ?? words[0] ?? '']],
    code: (output) => ({ live: 0, deleted: 3, archived: 4 })[String(field(output, 'where'))] ?? 1,
    faults: { 'not-found': 1, invalid: 1 },
  },
  ...['map_instances', 'map_cell0', 'map_cell_and_hosts', 'simple_cell_setup'].map(
    (verb): ManageRow => ({
      words: `cell_v2 ${verb}`,
      summary: 'not needed, and says why',
      flags: Object.fromEntries(
        ['cell-uuid', 'max-count', 'transport-url', 'database-connection', 'name'].map((name) => [
          name,
          { ignored: oneCell, value: true },
        ]),
      ),
      run: () => say(oneCell),
    }),
  ),
  {
    words: 'placement audit',
    summary: 'compare what servers claim with what the hosts hold',
    flags: {
      delete: 'switch',
      verbose: { ignored: 'what is found is always said' },
      'resource-provider': { ignored: 'all hosts are looked at', value: true },
    },
    run: ({ flags }) => [['doctor', ...claims, ...(flags.has('delete') ? ['--fix'] : [])]],
    code: (output, { flags }) => (rowsOf(output).length === 0 ? 0 : flags.has('delete') ? 4 : 3),
    faults: { invalid: 127, internal: 1 },
  },
  {
    words: 'placement heal_allocations',
    summary: 'repair claims that do not fit what the hosts hold',
    flags: {
      'dry-run': 'switch',
      'max-count': { ignored: 'everything is looked at in one run', value: true },
      verbose: { ignored: 'what is found is always said' },
      'skip-port-allocations': { ignored: 'ports claim nothing' },
      instance: { ignored: 'everything is looked at in one run', value: true },
      cell: { ignored: 'there is one cell', value: true },
      force: { ignored: 'claims are the records of the servers' },
    },
    run: (given) => [['doctor', ...claims, ...(given.flags.has('dry-run') ? [] : ['--fix'])]],
    code(output, { flags }) {
      const rows = rowsOf(output)
      if (rows.length === 0 || flags.has('dry-run')) return 4
      return rows.some((row) => field(row, 'fixed') === true) ? 0 : 3
    },
    faults: { invalid: 127 },
  },
  {
    words: 'placement sync_aggregates',
    summary: 'not needed, and says why',
    flags: { verbose: { ignored: 'there is nothing to say' } },
    run: () => say('nothing to do: the scheduler reads aggregates from the records'),
  },
  {
    words: 'vm list',
    summary: 'list the servers of all projects',
    args: '[HOST]',
    run: ({ words: [host] }) => [['server', 'list', '--all-projects', ...(host === undefined ? [] : ['--host', host])]],
  },
  ...['create', 'delete', 'list', 'modify'].map((verb) =>
    unsupported(`agent ${verb}`, 'guest agents of XenServer are not supported: no driver here has them'),
  ),
  ...['fixed list', 'fixed reserve', 'fixed unreserve', 'floating create', 'floating delete', 'floating list'].map((words) =>
    unsupported(words, 'addresses of tenants are not supported: there are no tenant networks yet'),
  ),
  ...['create', 'delete', 'list', 'modify'].map((verb) =>
    unsupported(
      `network ${verb}`,
      'tenant networks are not supported yet: servers use bridges and libvirt networks of their hosts',
    ),
  ),
  ...['flavor', 'instance_type'].flatMap((words) => ofFlavor(words)),
]

function ofFlavor(words: string): ManageRow[] {
  const named = { name: 'value' } as const
  return [
    {
      words: `${words} create`,
      summary: 'create a flavor',
      args: '[NAME MEMORY CPU ROOT_GB EPHEMERAL_GB FLAVOR SWAP]',
      flags: {
        ...{
          name: 'value',
          memory: 'value',
          cpu: 'value',
          'root-gb': 'value',
          'ephemeral-gb': 'value',
          flavor: 'value',
          swap: 'value',
        },
        'rxtx-factor': { ignored: 'networks have no such factor', value: true },
        'is-public': 'value',
      },
      run: createFlavor,
    },
    {
      words: `${words} delete`,
      summary: 'delete a flavor',
      args: 'NAME',
      flags: named,
      run: (given) => [['flavor', 'delete', '--yes', nameOf(given)]],
    },
    {
      words: `${words} list`,
      summary: 'list flavors',
      args: '[NAME]',
      flags: named,
      run: ({ words: [name] }) => [name === undefined ? ['flavor', 'list'] : ['flavor', 'show', name]],
    },
    {
      words: `${words} set_key`,
      summary: 'set an extra spec of a flavor',
      args: 'NAME KEY VALUE',
      flags: { ...named, key: 'value', value: 'value' },
      run: (given) => [['flavor', 'set', nameOf(given), `${argOf(given, 'key', 1)}=${argOf(given, 'value', 2)}`]],
    },
    {
      words: `${words} unset_key`,
      summary: 'remove an extra spec of a flavor',
      args: 'NAME KEY',
      flags: { ...named, key: 'value' },
      run: (given) => [['flavor', 'unset', nameOf(given), argOf(given, 'key', 1)]],
    },
  ]
}

/** A flag, or the positional in its place. */
const argOf = ({ flags, words }: Given, flag: string, place: number): string => flags.get(flag) ?? words[place] ?? ''
const nameOf = (given: Given) => argOf(given, 'name', 0)

function createFlavor(given: Given): string[][] {
  const value = (flag: string, place: number, as: string) => {
    const text = argOf(given, flag, place)
    return text === '' ? [] : [`--${as}`, text]
  }
  const isPublic = passed(given, 'is-public')[1]
  return [
    [
      ...['flavor', 'create', nameOf(given)],
      ...value('memory', 1, 'ram'),
      ...value('cpu', 2, 'vcpus'),
      ...value('root-gb', 3, 'disk'),
      ...value('ephemeral-gb', 4, 'ephemeral'),
      ...value('flavor', 5, 'id'),
      ...value('swap', 6, 'swap'),
      ...(isPublic === undefined ? [] : [/^(true|t|yes|1)$/i.test(isPublic) ? '--public' : '--no-public']),
    ],
  ]
}
