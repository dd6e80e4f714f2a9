import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { commandFor } from '../../../src/cli/command-for.ts'
import { runCommandLine } from '../../support/a-command.ts'
import { aThing, createThing } from '../../support/thing-actions.ts'

const create = commandFor(createThing, {
  args: ['name', 'labels'],
  flags: { kind: { char: 'k' }, tags: { name: 'tag' }, userData: { file: true } },
})
const answer = async () => aThing()
const run = (...argv: string[]) => runCommandLine(create, argv, { answer })

let directory = ''
beforeAll(() => {
  directory = mkdtempSync(path.join(os.tmpdir(), 'nk-'))
  writeFileSync(path.join(directory, 'data'), '#cloud-config\n')
})
afterAll(() => rmSync(directory, { recursive: true }))

describe('a command from an action', () => {
  it('takes positionals in order, the last of them a list, and flags of every kind', async () => {
    const file = path.join(directory, 'data')
    const { code, inputs } = await run(
      ...['one', 'red', '--image', 'cirros', '-k', 'BIG', '--tag', 'a=1=2', '--tag', 'b=', 'blue'],
      ...['--min-ram', '64', '--ratio', '1.5', '--no-wait', '--user-data', file],
    )
    expect(code).toBe(0)
    expect(inputs).toEqual([
      {
        name: 'one',
        labels: ['red', 'blue'],
        image: 'cirros',
        kind: 'big',
        tags: [
          ['a', '1=2'],
          ['b', ''],
        ],
        minRam: 64,
        ratio: 1.5,
        wait: false,
        userData: '#cloud-config\n',
      },
    ])
  })

  it('leaves fields that were not given to the schema', async () => {
    expect((await run('one', '--image', 'x')).inputs).toEqual([{ name: 'one', image: 'x' }])
  })

  it.each([
    [['one'], 'nova thing verb needs --image'],
    [[], 'nova thing verb needs NAME and --image'],
    [['one', '--image', 'x', '--min-ram', 'many'], '--min-ram must be a whole number, not "many"'],
    [['one', '--image', 'x', '--kind', 'bog'], '--kind must be one of: big, small; not "bog"'],
    [['one', '--image', 'x', '--tag', 'x'], '--tag "x" is not key=value'],
    [['one', '--imag', 'x'], 'unknown flag --imag'],
    [['one', '--constructor'], 'unknown flag --constructor'],
    [['one', '--__proto__=x'], 'unknown flag --__proto__'],
    [['one', '--image'], '--image needs a value'],
    [['one', '--image', 'x', '--image', 'y'], '--image is given more than once'],
    [['one', '--image', 'x', '--user-data', '/nowhere'], 'cannot read /nowhere for --user-data: no such file'],
    [
      ['one', '--image', 'x', '-f', 'jso'],
      '--format must be one of: table, json, yaml, csv, value, name, wide, junit; not "jso"',
    ],
    [['one', '--image', 'x', '--color', 'red'], '--color must be auto, always or never, not "red"'],
    [['one', '--image', 'x', '--timeout', 'soon'], '--timeout must be a number, not "soon"'],
  ])('refuses %j in one line, as usage', async (argv, message) => {
    const { code, err, out, inputs } = await run(...argv)
    expect({ code, message: err.split('\n')[0], out, inputs }).toEqual({
      code: 2,
      message: `error: ${message}`,
      out: '',
      inputs: [],
    })
  })

  it('says which flag was meant', async () => {
    expect((await run('one', '--imag', 'x')).err).toContain('try:  did you mean --image?')
    expect((await run('one', '--image', 'x', '--kind', 'bog')).err).toContain('did you mean big?')
  })

  it('never swallows a word after a repeated flag', async () => {
    const { inputs } = await run('--tag', 'a=1', 'one', '--image', 'x')
    expect(inputs).toEqual([{ name: 'one', image: 'x', tags: [['a', '1']] }])
  })
})
