/** S13: words of users that could begin an option, run a command or end a line never get as far as a host. */
import { describe, expect, it } from 'vitest'
import { add } from '../../../src/actions/host/add.ts'
import { create } from '../../../src/actions/server/create.ts'
import { aCloud } from '../../support/a-cloud.ts'
import { performed } from '../../support/a-context.ts'

const words = [
  '-oProxyCommand=id',
  '--help',
  '-',
  '$(id)',
  '`id`',
  ';id',
  'a\nb',
  'a\u0000b',
  'a\u202eb',
  '\u001b]0;x',
  '../x',
  "a'b",
]

describe('S13 a word that is no name', () => {
  it.each(words)('is neither a host nor its address nor its login: %j', async (word) => {
    const { context } = await aCloud([])
    for (const input of [
      { name: word, driver: 'fake' },
      { name: 'h1', address: word, driver: 'qemu' },
      { name: 'h1', address: `root@${word}`, driver: 'qemu' },
      { name: 'h1', address: `${word}@10.0.0.1`, driver: 'qemu' },
      { name: 'h1', address: 'root@10.0.0.1', jump: word, driver: 'qemu' },
    ])
      await expect(performed(add, input, context)).rejects.toMatchObject({ kind: 'invalid' })
    expect(await context.store.read((reader) => reader.list('hosts'))).toEqual([])
  })

  it.each(words)('is no bridge, no network and no zone: %j', async (word) => {
    const { context } = await aCloud(['host-a'])
    const boot = { name: 'web-1', flavor: 'm1.tiny' }
    for (const kind of ['bridge', 'libvirt-network'])
      await expect(performed(create, { ...boot, nic: `${kind}=${word}` }, context)).rejects.toMatchObject({ kind: 'invalid' })
    await expect(performed(create, { ...boot, availabilityZone: `:${word}` }, context)).rejects.toThrow()
  })
})
