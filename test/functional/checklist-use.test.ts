/** The checklist of a good command line, points 14, 15 and 20 to 29: help on the way, safe re-runs, contexts, completion. */
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { aFakeCloud, type FakeCloud } from '../support/a-fake-cloud.ts'
import { aQcow2 } from '../support/disk-images.ts'
import { onTerminal } from '../support/terminal.ts'

const root = path.resolve(import.meta.dirname, '../..')
let cloud: FakeCloud
let commands: Record<string, unknown>[]
beforeAll(async () => {
  cloud = await aFakeCloud('h1')
  commands = await cloud.rows('commands')
  await cloud.out('image', 'create', 'cirros', '--file', cloud.file('cirros.qcow2', aQcow2()))
  await cloud.out('boot', 'web', '--flavor', 'm1.tiny', '--min-count', '3')
})
afterAll(() => cloud.remove())

it('14: a refused boot says why, host by host with numbers, and what to do', async () => {
  await cloud.out('host', 'set', 'h1', '--ram-allocation-ratio', '1')
  await cloud.out('flavor', 'create', 'huge', '--ram', '262144', '--vcpus', '1', '--disk', '1')
  await cloud.out('quota', 'set', '--ram', '-1')
  const { code, stderr } = await cloud.run(['boot', 'big', '--flavor', 'huge'])
  expect(code).toBe(6)
  expect(stderr).toMatch(/^error: no host can take big \(262144 MB, 1 vCPU, 1 GB\)/)
  expect(stderr).toMatch(/h1 +RamFilter +needs 262144 MB, \d+ MB free of \(262144 − 512\) × 1\b/)
  expect(stderr).toMatch(/nearest: h1; to fit there: .*\ntry: {2}.+\nexit code 6 \(no-valid-host\)/)
  expect(await cloud.out('explain', 'big')).toMatch(/RamFilter +needs 262144 MB/)
})

it('15: did-you-mean for commands, flags and names', async () => {
  for (const [line, near] of [
    [['lst'], 'list'],
    [['server', 'creat'], 'create'],
    [['boot', 'x', '--flavour', 'y'], '--flavor'],
    [['show', 'wbe-1'], 'web-1'],
    [['list', '-f', 'jsno'], 'json'],
  ] as const)
    expect((await cloud.run(line)).stderr).toMatch(new RegExp(`did you mean .*${near}`))
})

it('20: destructive commands show what goes, and accept many', async () => {
  await cloud.out('boot', 'gone', '--flavor', 'm1.tiny', '--min-count', '2')
  const asked = await onTerminal(cloud, ['delete', 'gone-1', 'gone-2'], { talk: [[/delete 2 servers gone-1, gone-2\?/, 'y\r']] })
  expect(asked).toMatchObject({ code: 0, text: expect.stringContaining('deleted server gone-1, gone-2') })
  expect(await cloud.run(['rebuild', 'web-1', 'cirros'])).toMatchObject({ code: 0 })
})

describe('21: --plan and --dry-run on everything that changes', () => {
  it.each([
    'boot new --flavor m1.tiny',
    'delete web-1 web-2',
    'rebuild web-1 cirros',
    'rescue web-1 --image cirros',
    'stop web-1',
    'suspend web-1',
    'reset-state web-1',
    'lock web-1',
    'rename web-1 web-9',
    'server set web-1 a=b',
    'image create new --file HOME/cirros.qcow2',
    'image delete cirros',
    'flavor create new --ram 1 --vcpus 1 --disk 1',
    'flavor delete m1.large',
    'keypair create new',
    'host add h9 --driver fake',
    'host set h1 --disable',
    'aggregate create rack',
    'server-group create apart anti-affinity',
    'quota set --cores 50',
  ])('nova %s', async (line) => {
    const before = cloud.fingerprint()
    const words = line.replace('HOME', cloud.home).split(' ')
    expect(await cloud.out(...words, '--plan')).toMatch(/^plan of nova .*: \d+ steps?, nothing was changed/)
    expect(await cloud.json(...words, '--dry-run')).toMatchObject({ changed: false, steps: expect.any(Array) })
    expect(cloud.fingerprint()).toBe(before)
  })
})

it('22: a re-run is safe with --or-reuse, and with --idempotency-key', async () => {
  for (const line of [
    ['host', 'add', 'h1', '--driver', 'fake'],
    ['image', 'create', 'cirros', '--file', `${cloud.home}/cirros.qcow2`],
    ['flavor', 'create', 'again', '--ram', '1', '--vcpus', '1', '--disk', '1'],
    ['server-group', 'create', 'again', 'affinity'],
    ['aggregate', 'create', 'again'],
  ]) {
    const first = await cloud.json(...line, '--or-reuse')
    expect((await cloud.json(...line, '--or-reuse')).id).toBe(first.id)
  }
  const job = ['boot', 'job', '--flavor', 'm1.tiny', '--idempotency-key', 'job']
  expect((await cloud.json(...job)).id).toBe((await cloud.json(...job)).id)
})

it('23: contexts by command, flag and variable', async () => {
  const env = { NOVA_STATE: '' }
  const run = async (...line: string[]) => (await cloud.run(line, { env })).stdout.trim()
  await run('context', 'add', 'here', '--state', cloud.state)
  await run('context', 'add', 'empty', '--state', path.join(cloud.home, 'empty'))
  await run('context', 'use', 'here')
  expect(await run('list', '-f', 'name', '--filter', 'name=web-1')).toBe('web-1')
  expect(await run('list', '-f', 'name', '--context', 'empty')).toBe('')
  const other = await cloud.run(['list', '--json'], { env: { ...env, NOVA_CONTEXT: 'empty' } })
  expect(other.stdout).toBe('[]\n')
  expect(JSON.parse(await run('context', 'list', '--json'))).toHaveLength(2)
})

describe('24: completion', () => {
  const complete = async (...words: string[]) => (await cloud.out('complete', ...words)).split('\n')
  it('knows commands, flags, values and the names of things', async () => {
    expect(await complete('ser')).toEqual(expect.arrayContaining(['server', 'server-group']))
    expect(await complete('boot', 'x', '--fl')).toEqual(['--flavor'])
    expect(await complete('boot', 'x', '--flavor', 'm1.t')).toEqual(['m1.tiny'])
    expect((await complete('delete', 'web-')).sort()).toEqual(['web-1', 'web-2', 'web-3'])
    expect(await complete('list', '-f', 'js')).toEqual(['json'])
  })

  it.each(['bash', 'zsh', 'fish'])('has a script for %s', async (shell) => {
    expect(await cloud.out('completion', shell)).toContain('nova complete')
  })
})

it('25: help begins with an example and has fewer than 60 lines, for every command', async () => {
  for (const { name } of commands) {
    const lines = (await cloud.out('help', ...String(name).split(' '))).split('\n')
    expect(lines.length).toBeLessThan(60)
    if (name === 'server create') expect(lines[0]).toMatch(/^ {2}\$ nova boot web-1 --image/)
  }
})

it('26: a list and a completion start from one bundle and its code cache; the benchmarks measure them', async () => {
  const dist = readdirSync(path.join(root, 'dist'))
  const current = readFileSync(path.join(root, 'dist', 'current'), 'utf8').trim()
  expect(dist).toContain(`bundle-${current}.${process.version}-${process.arch}.cache`)
  const program =
    "const kept = Object.keys(require.cache).filter((file) => file.includes('node_modules')); require('node:fs').writeSync(2, kept.join())"
  const hook = cloud.file('hook.cjs', `process.on('exit', () => { ${program} })`)
  for (const line of [['list'], ['complete', 'show', 'web-']])
    expect(await cloud.run(line, { env: { NODE_OPTIONS: `--require=${hook}` } })).toMatchObject({ code: 0, stderr: '' })
})

it('27: every command has a reference page and a man page', () => {
  const pages = readdirSync(path.join(root, 'docs/reference'), { recursive: true }).map((name) => readPage(String(name)))
  const manual = pages
    .filter(({ name }) => name.startsWith('man/'))
    .map(({ text }) => text)
    .join('\n')
    .replaceAll('\\-', '-')
  const reference = pages
    .filter(({ name }) => name.startsWith('commands'))
    .map(({ text }) => text)
    .join('\n')
  for (const { name } of commands) {
    expect(reference).toContain(`nova ${name}`)
    expect(manual).toContain(String(name))
  }
})

function readPage(name: string) {
  const file = path.join(root, 'docs/reference', name)
  return { name, text: name.includes('.') ? readFileSync(file, 'utf8') : '' }
}

it('28: reads files, and stdin as -', async () => {
  const stdin = '#cloud-config\n'
  expect(await cloud.run(['boot', 'fed', '--flavor', 'm1.tiny', '--user-data', '-'], { stdin })).toMatchObject({ code: 0 })
  const key = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ3ZQ5bXz0n7Z9yqYp2Kz0mJx0m0nB0bq0vZ0q0q0q0q me'
  expect(await cloud.run(['keypair', 'import', 'mine', '-'], { stdin: `${key}\n` })).toMatchObject({ code: 0 })
  const image = await cloud.run(['image', 'create', 'piped', '--file', '-', '--disk-format', 'raw'], { stdin: 'x'.repeat(4096) })
  expect(image).toMatchObject({ code: 0 })
})

it('29: understands OS_* variables and clouds.yaml when an endpoint is used', async () => {
  const clouds = cloud.file(
    'clouds.yaml',
    'clouds:\n  prod:\n    auth: {auth_url: "https://keystone", project_name: demo, username: me}\n',
  )
  const endpoint = ['list', '--endpoint', 'https://cloud.example']
  const byFile = await cloud.run(endpoint, { env: { OS_CLIENT_CONFIG_FILE: clouds, OS_CLOUD: 'prod' } })
  expect(byFile).toMatchObject({ code: 4, stderr: expect.stringContaining('auth_url https://keystone, project demo, user me') })
  const env = { OS_AUTH_URL: 'https://other', OS_PROJECT_NAME: 'mine', OS_USERNAME: 'you', OS_PASSWORD: 'geheim' }
  const byVariables = await cloud.run(endpoint, { env })
  expect(byVariables.stderr).toContain('auth_url https://other, project mine, user you')
  expect(byVariables.stderr).not.toContain('geheim')
})
