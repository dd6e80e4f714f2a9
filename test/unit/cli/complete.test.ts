import { beforeAll, describe, expect, it } from 'vitest'
import { type CommandTable, commandTable } from '../../../src/cli/command-table.ts'
import { completions } from '../../../src/cli/complete.ts'
import { completionScript, shells } from '../../../src/cli/completion-script.ts'

const env = { HOME: '/nowhere', NOVA_STATE: '/nowhere/state' }
let table: CommandTable
beforeAll(async () => {
  const described = await commandTable.describe()
  table = { ...commandTable, describe: async () => described }
}, 60_000)
const offered = (...words: string[]) => completions(words, env, table)

describe('completion', () => {
  it('offers commands, topics and the words of novaclient', async () => {
    expect(await offered('fl')).toEqual(expect.arrayContaining(['flavor', 'flavor-list']))
    expect(await offered('server', 're')).toEqual(expect.arrayContaining(['reboot', 'rebuild', 'rename', 'rescue']))
    expect(await offered('')).toEqual(expect.arrayContaining(['boot', 'server', 'help']))
  })

  it('offers flags of the command and of all commands', async () => {
    expect(await offered('boot', '--im')).toEqual(['--image'])
    expect(await offered('boot', 'web-1', '--no')).toEqual(expect.arrayContaining(['--no-wait']))
    expect(await offered('delete', '--y')).toEqual(['--yes'])
    expect(await offered('list', '--so')).toEqual(['--sort'])
  })

  it('offers values', async () => {
    expect(await offered('host', 'add', 'h', '--driver', '')).toEqual(['fake', 'qemu', 'libvirt'])
    expect(await offered('list', '-f', 'j')).toEqual(['json', 'junit'])
    expect(await offered('list', '-c', 'na')).toEqual(['name'])
    expect(await offered('completion', '')).toEqual([...shells])
  })

  it('offers nothing, silently, where nothing can be known', async () => {
    expect(await offered('show', 'web')).toEqual([])
    expect(await offered('boot', '--name', '')).toEqual([])
    expect(await offered('list', '--limit', '')).toEqual([])
  })

  it('has a script for each shell', () => {
    for (const shell of shells) expect(completionScript(shell)).toContain('nova complete')
  })
})
