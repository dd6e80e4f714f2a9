/** nova-manage's words become nova's command lines, with Nova's exit codes. */
import { describe, expect, it } from 'vitest'
import { manage, manageRows, type Outcome } from '../../../src/cli/manage.ts'
import { Fault } from '../../../src/core/fault.ts'
import { aScreen } from '../../support/a-screen.ts'

interface Ran {
  readonly code: number
  readonly lines: readonly string[]
  readonly out: string
  readonly err: string
}

/** Runs words; each command that they lead to ends with `end`. */
async function ran(words: string, end: (outcome: Outcome, line: string) => number = ({ output }) => output([])): Promise<Ran> {
  const lines: string[] = []
  const screen = aScreen()
  const code = await manage(words.split(' ').filter(Boolean), screen, async (line, outcome) => {
    lines.push(line.join(' '))
    return end(outcome, line.join(' '))
  })
  return { code, lines, out: screen.printed.out, err: screen.printed.err }
}
const failing =
  (kind: Fault['kind']) =>
  ({ fault }: Outcome) =>
    fault(new Fault(kind, 'no'))
const archived = (records: number) => (outcome: Outcome) => outcome.output({ records, servers: records })

describe('both spellings', () => {
  it.each([
    ['db archive_deleted_rows --max_rows 50', 'db archive --max-rows 50'],
    ['db archive-deleted-rows --max-rows=50', 'db archive --max-rows 50'],
    ['db archive_deleted_rows', 'db archive --max-rows 1000'],
    ['db archive_deleted_rows --until_complete --before 2026-01-31 --sleep 2', 'db archive --before 2026-01-31 --sleep 2'],
    ['db purge --before 2026-01-31 --state /srv/x', 'db purge --before 2026-01-31 --yes --state /srv/x'],
    ['db online_data_migrations --max-count 7', 'db migrate-online --max-count 7'],
    ['project quota demo --key instances --value 20', 'quota set demo --instances 20'],
    ['account quota demo cores unlimited', 'quota set demo --cores -1'],
    ['project quota demo', 'quota show demo'],
    ['instance_type create m1.x 512 1 10 0 42', 'flavor create m1.x --ram 512 --vcpus 1 --disk 10 --ephemeral 0 --id 42'],
    ['flavor create --name=m1.x --memory=512 --cpu=1 --is_public=false', 'flavor create m1.x --ram 512 --vcpus 1 --no-public'],
    ['flavor set_key --name m1.x --key a --value b', 'flavor set m1.x a=b'],
    ['flavor unset-key m1.x a', 'flavor unset m1.x a'],
    ['vm list', 'server list --all-projects'],
    ['logs errors 20', 'manage faults --limit 20'],
    ['cell-v2 list_hosts', 'host list'],
  ])('%s', async (words, line) => {
    expect((await ran(words)).lines).toEqual([line])
  })
})

describe('exit codes', () => {
  const archive = 'db archive_deleted_rows'
  it.each([
    [archive, archived(0), 0],
    [archive, archived(7), 1],
    [`${archive} --until-complete`, archived(7), 0],
    [`${archive} --max_rows -1`, archived(7), 2],
    [`${archive} --max_rows 2147483648`, archived(7), 2],
    [archive, failing('unreachable'), 3],
    [`${archive} --before soon`, failing('invalid'), 4],
    [archive, failing('internal'), 255],
    ['db purge', archived(0), 1],
    ['db purge --before soon', failing('invalid'), 2],
    ['db purge --all', archived(0), 3],
    ['db purge --all', archived(1), 0],
    ['db online_data_migrations', ({ output }: Outcome) => output([]), 0],
    ['db online_data_migrations', ({ output }: Outcome) => output([{ done: 3, error: null }]), 1],
    ['db online_data_migrations', ({ output }: Outcome) => output([{ done: 0, error: 'no' }]), 2],
    ['db online_data_migrations --max-count 0', failing('invalid'), 127],
    ['cell_v2 verify_instance --uuid x', ({ output }: Outcome) => output({ where: 'live' }), 0],
    ['cell_v2 verify_instance --uuid x', ({ output }: Outcome) => output({ where: 'deleted' }), 3],
    ['cell_v2 verify_instance --uuid x', ({ output }: Outcome) => output({ where: 'archived' }), 4],
    ['cell_v2 verify_instance --uuid x', failing('not-found'), 1],
    ['cell_v2 discover_hosts --strict', ({ output }: Outcome) => output([]), 1],
    ['placement audit', ({ output }: Outcome) => output([]), 0],
    ['placement audit', ({ output }: Outcome) => output([{}]), 3],
    ['placement audit --delete', ({ output }: Outcome) => output([{}]), 4],
    ['placement heal_allocations', ({ output }: Outcome) => output([{ fixed: true }]), 0],
    ['placement heal_allocations', ({ output }: Outcome) => output([]), 4],
    ['quota refresh', archived(0), 0],
    ['agent list', archived(0), 1],
  ])('%s', async (words, end, code) => {
    expect((await ran(words, end)).code).toBe(code)
  })
})

it('purges after it archived, and not after a failure', async () => {
  const words = 'db archive_deleted_rows --until-complete --purge'
  expect((await ran(words, archived(1))).lines).toEqual(['db archive', 'db purge --all --yes'])
  expect((await ran(words, failing('conflict'))).lines).toEqual(['db archive'])
})

it('accepts what has no meaning here and says why', async () => {
  const { err, code } = await ran('db archive_deleted_rows --all-cells --task-log --verbose', archived(0))
  expect(err).toMatch(/--all-cells: .*no cells\n.*--task-log: /s)
  expect(code).toBe(0)
})

it.each([
  ['db archiv', /no command "db archiv"/],
  ['nonsense', /no command "nonsense"/],
  ['__proto__ list', /no command/],
  ['db purge --befor 2026', /no flag --befor/],
  ['db archive_deleted_rows --max_rows', /--max_rows needs a value/],
])('refuses %s', async (words, message) => {
  await expect(ran(words)).rejects.toMatchObject({ kind: 'invalid', message })
})

it('lists categories, commands and flags, and every row once', async () => {
  expect((await ran('db')).out).toContain('db archive_deleted_rows')
  expect((await ran('help db purge')).out).toContain('--before VALUE')
  expect((await ran('bash-completion db')).out.split('\n')).toContain('archive_deleted_rows')
  const words = manageRows.map((row) => row.words)
  expect(new Set(words).size).toBe(words.length)
})
