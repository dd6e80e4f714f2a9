/** The checklist of a good command line, points 1 to 9 and 30: what comes out, and where. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { aFakeCloud, type FakeCloud } from '../support/a-fake-cloud.ts'
import { expectGolden } from '../support/golden.ts'
import { onTerminal } from '../support/terminal.ts'

let cloud: FakeCloud
beforeAll(async () => {
  cloud = await aFakeCloud('h1', 'h2')
  await cloud.out('boot', 'web', '--flavor', 'm1.tiny', '--min-count', '3', '--meta', 'role=a,b', '--meta', 'note="x"')
  await cloud.out('stop', 'web-2')
})
afterAll(() => cloud.remove())

const lines = async (...line: string[]) => (await cloud.out(...line)).split('\n')

it('1: -f table|json|yaml|csv|value|name|wide', async () => {
  const list = (format: string) => lines('list', '-f', format, '--sort', 'name', '-c', 'name,status')
  expect(await list('table')).toEqual(['NAME   STATUS', 'web-1  ACTIVE', 'web-2  SHUTOFF', 'web-3  ACTIVE'])
  expect(JSON.parse((await list('json')).join(''))[1]).toEqual({ name: 'web-2', status: 'SHUTOFF' })
  expect(await list('yaml')).toContain('- name: web-2')
  expect(await list('csv')).toEqual(['NAME,STATUS', 'web-1,ACTIVE', 'web-2,SHUTOFF', 'web-3,ACTIVE'])
  expect(await list('value')).toEqual(['web-1 ACTIVE', 'web-2 SHUTOFF', 'web-3 ACTIVE'])
  expect(await list('name')).toEqual(['web-1', 'web-2', 'web-3'])
  expect((await lines('list', '-f', 'wide'))[0]).toMatch(/^ID .* IMAGE .* CREATED AT$/)
})

it('2: the same JSON keys everywhere, with a version, and [] for an empty list', async () => {
  const [listed] = await cloud.rows('list', '--name', 'web-1')
  expect(Object.keys(listed ?? {})).toEqual(Object.keys(await cloud.json('show', 'web-1')))
  expect(await cloud.out('image', 'list', '--json')).toBe('[]')
  expect(await cloud.json('version')).toMatchObject({ json: 1, version: expect.stringMatching(/^\d+\.\d+\.\d+/) })
})

it('3: JSON goes to stdout, all else to stderr, also when it fails', async () => {
  const booted = await cloud.run(['boot', 'noisy', '--flavor', 'm1.tiny', '--json'])
  expect(JSON.parse(booted.stdout)).toMatchObject({ name: 'noisy' })
  expect(booted.stderr).toContain('create noisy: spawn done')
  const failed = await cloud.run(['show', 'nothing', '--json'])
  expect(JSON.parse(failed.stdout)).toEqual({
    code: 3,
    kind: 'not-found',
    message: 'no server with a name or id of "nothing"',
    hint: expect.any(String),
    requestId: expect.stringMatching(/^req-[0-9a-f-]{36}$/),
  })
  expect(failed.stderr).toMatch(/^error: no server/)
})

it('4: --columns with names, and --columns help lists them', async () => {
  expect(await lines('list', '--columns', 'help')).toEqual(
    expect.arrayContaining(['id', 'name', 'status', 'createdAt', 'sshPort']),
  )
  expect(await lines('list', '--columns', 'name', '-c', 'created-at', '-f', 'csv')).toContainEqual(
    expect.stringMatching(/^web-1,20\d\d-/),
  )
  expect(await lines('list', '-c', 'flavorDetails.ram', '--name', 'web-1', '-f', 'value')).toEqual(['512'])
})

it('5: --sort, --limit, --filter and --marker on lists', async () => {
  expect(await lines('list', '--sort', 'name:desc', '--limit', '2', '-f', 'name')).toEqual(['web-3', 'web-2'])
  expect(await lines('list', '--filter', 'status=SHUTOFF', '-f', 'name')).toEqual(['web-2'])
  expect(await lines('list', '--filter', 'name=web*', '--filter', 'status!=SHUTOFF', '--sort', 'name', '-f', 'name')).toEqual([
    'web-1',
    'web-3',
  ])
  const all = await lines('list', '-f', 'value', '-c', 'id')
  const rest = await lines('list', '-f', 'value', '-c', 'id', '--marker', all[0] ?? '', '--limit', '2')
  expect(rest).toEqual(all.slice(1, 3))
})

it('6: --no-header', async () => {
  expect(await lines('list', '--no-header', '-c', 'name', '--sort', 'name', '--filter', 'name=web*')).toEqual([
    'web-1',
    'web-2',
    'web-3',
  ])
  expect((await lines('list', '--no-header', '-f', 'csv', '-c', 'name'))[0]).not.toBe('NAME')
})

it('7: a table fits the terminal, and is never cut in a pipe', async () => {
  const { text } = await onTerminal(cloud, ['list'], { columns: 80 })
  const shown = text.trimEnd().split('\n')
  expect(shown).toHaveLength(5)
  expect(Math.max(...shown.map((line) => line.length))).toBeLessThanOrEqual(80)
  expect(text).toContain('…')
  const piped = await cloud.out('list', '-f', 'wide')
  expect(piped).not.toContain('…')
  expect(Math.max(...piped.split('\n').map((line) => line.length))).toBeGreaterThan(120)
})

it('8: numbers have units for people and are raw in JSON', async () => {
  expect(await cloud.out('flavor', 'show', 'm1.small', '-c', 'ram')).toMatch(/^ram +2 GB$/)
  expect(await cloud.json('flavor', 'show', 'm1.small')).toMatchObject({ ram: 2048, disk: 20 })
})

it('9: times are relative for people and ISO 8601 in JSON', async () => {
  expect(await cloud.out('show', 'web-1', '-c', 'created-at')).toMatch(/^created at +([\d.]+ (s|min) ago|now)$/)
  expect((await cloud.json('show', 'web-1')).createdAt).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
})

it('30: the keys of a record stay what they are', async () => {
  for (const noun of ['server', 'host', 'flavor']) {
    const [row] = await cloud.rows(noun, 'list')
    expectGolden(
      `cli/keys-of-${noun}.txt`,
      Object.keys(row ?? {})
        .sort()
        .map((key) => `${key}\n`)
        .join(''),
    )
  }
})
