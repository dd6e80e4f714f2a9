import { readFile } from 'node:fs/promises'
import { Duplex } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { answersTo, scriptedHost } from '../../../src/hosts/scripted.ts'
import { hostContract } from '../../contract/host-contract.ts'
import { hostDirectory } from '../../support/host-directory.ts'

hostContract(
  'a scripted host',
  async () => {
    const { localFile, cleanup } = hostDirectory()
    const host = await scriptedHost({ readLocal: readFile })
    await host.mkdir('/guests')
    return { host, directory: '/guests', localFile, cleanup }
  },
  { commands: false },
)

describe('scriptedHost', () => {
  it('answers by the first rule that knows the command', async () => {
    const host = await scriptedHost({ rules: [answersTo('id', { stdout: 'root\n' }), () => ({ exitCode: 4, stderr: 'no\n' })] })
    expect(await host.run(['id'])).toEqual({ stdout: 'root\n', stderr: '', exitCode: 0 })
    await expect(host.run(['other', 'x'])).rejects.toMatchObject({ message: 'host scripted: other x exited 4: no' })
    expect(host.ran).toEqual([['id'], ['other', 'x']])
  })

  it('lacks the programs that no rule knows', async () => {
    const host = await scriptedHost()
    await expect(host.run(['qemu-img'])).rejects.toMatchObject({
      kind: 'unsupported',
      hint: 'on host scripted: apt-get install qemu-utils',
    })
  })

  it('starts with the files and sockets it is given', async () => {
    const socket = Duplex.from([])
    const host = await scriptedHost({ files: { '/a/b/c': 'text' }, sockets: new Map([['/s', () => socket]]) })
    expect(await host.readdir('/a/b')).toEqual(['c'])
    expect(await host.connect('/s')).toBe(socket)
  })
})
