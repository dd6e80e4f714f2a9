/** nova-manage and nova-status as their own binaries: exit codes, one line for what is wrong, and export to a copy. */

import { execFile } from 'node:child_process'
import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { aFakeCloud, type FakeCloud } from '../support/a-fake-cloud.ts'
import { builtCli } from '../support/built-cli.ts'

interface Ended {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

let cloud: FakeCloud
beforeAll(async () => {
  cloud = await aFakeCloud('h1')
  for (const tool of ['nova-manage', 'nova-status']) symlinkSync(await builtCli(), join(cloud.home, tool))
  await cloud.out('boot', 'web-1', '--flavor', 'm1.tiny')
  await cloud.out('delete', 'web-1', '--yes')
})
afterAll(() => cloud.remove())

const tool = (name: string, line: string, stdin = ''): Promise<Ended> =>
  new Promise((resolve) => {
    const words = line.replaceAll('HOME', cloud.home).split(' ').filter(Boolean)
    const env = { ...process.env, ...cloud.env, NOVA_STATE: cloud.state }
    const child = execFile(
      process.execPath,
      [join(cloud.home, name), ...words],
      { env, cwd: cloud.home },
      (error, stdout, stderr) => {
        resolve({ code: error ? Number(error.code) : 0, stdout, stderr })
      },
    )
    child.stdin?.end(stdin)
  })

const bad: readonly (readonly [line: string, code: number, message: RegExp])[] = [
  ['db archiv', 2, /no command "db archiv"\ntry: {2}did you mean nova-manage db/],
  ['db archive_deleted_rows --max-row 5', 2, /no flag --max-row\ntry: {2}did you mean --max-rows/],
  ['db archive_deleted_rows --max_rows', 2, /--max_rows needs a value/],
  ['db archive_deleted_rows --max_rows -1', 2, /must be a whole number from 0/],
  ['db archive_deleted_rows --before tomorrow', 4, /time tomorrow is not in the form/],
  ['db purge', 1, /--before or --all is required/],
  ['db purge --before tomorrow', 2, /tomorrow/],
  ['db online_data_migrations --max-count 0', 127, /--max-count is 0/],
  ['db restore --server nobody', 255, /no server nobody is in the archive/],
  ['db import HOME/none.jsonl', 255, /none.jsonl/],
  ['db export HOME/no/such/x.jsonl', 255, /x.jsonl.new cannot be written/],
  ['cell_v2 verify_instance --uuid constructor', 1, /no server has the id constructor/],
  ['agent list', 1, /not supported/],
  ['fixed reserve 10.0.0.5', 1, /no tenant networks yet/],
  ['network list', 1, /not supported yet/],
]

describe('nova-manage', () => {
  it.each(bad)('%s', async (line, code, message) => {
    const ended = await tool('nova-manage', line)
    expect({ code: ended.code, stdout: ended.stdout }).toEqual({ code, stdout: '' })
    expect(ended.stderr).toMatch(message)
  })

  it('archives, restores and purges with the codes of Nova', async () => {
    expect(await tool('nova-manage', 'db archive_deleted_rows --max_rows 50')).toMatchObject({ code: 1 })
    expect(await tool('nova-manage', 'db archive-deleted-rows --max-rows 50')).toMatchObject({ code: 0 })
    const [{ id }] = JSON.parse(await cloud.out('db', 'archived', '--json'))
    expect(await tool('nova-manage', `cell_v2 verify_instance --uuid ${id}`)).toMatchObject({ code: 4 })
    expect(await tool('nova-manage', `db restore --server ${id}`)).toMatchObject({ code: 0 })
    expect(await tool('nova-manage', `cell_v2 verify_instance --uuid ${id}`)).toMatchObject({ code: 3 })
    expect(await tool('nova-manage', 'db archive_deleted_rows --until-complete --purge')).toMatchObject({ code: 0 })
    expect(await tool('nova-manage', 'db purge --all')).toMatchObject({ code: 3 })
    expect(await tool('nova-manage', 'db check')).toMatchObject({ code: 0 })
  })

  it('exports to a file that fills an empty place, and believes no changed one', async () => {
    expect(await tool('nova-manage', 'db export HOME/all.jsonl')).toMatchObject({ code: 0 })
    expect(await tool('nova-manage', 'db import HOME/all.jsonl --state HOME/copy')).toMatchObject({ code: 0 })
    expect(await tool('nova-manage', 'db diff HOME/all.jsonl HOME/copy')).toMatchObject({ code: 0 })
    expect(await tool('nova-manage', 'db import HOME/all.jsonl --state HOME/copy')).toMatchObject({ code: 255 })
    cloud.file('cut.jsonl', '{"novakit":1,"schema":1,"revision":1}\n')
    expect(await tool('nova-manage', 'db import HOME/cut.jsonl --state HOME/other')).toMatchObject({
      code: 255,
      stderr: expect.stringContaining('its last line is missing'),
    })
  })

  it('has every action as a function in its shell', async () => {
    const { code, stdout } = await tool('nova-manage', 'shell', '(await flavor.list({})).length + 1000\n')
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining('1005') })
  })
})

it('nova-status ends with 0 when all is well, and with 255 for wrong words', async () => {
  expect(await tool('nova-status', 'upgrade check')).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/\| Result: Success +\|/),
  })
  expect(await tool('nova-status', 'upgrade chek')).toMatchObject({ code: 255 })
})
