import { mkdirSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { hostContract } from '../../contract/host-contract.ts'
import { emptyHostDirectory } from '../../support/host-directory.ts'

hostContract('the local machine', emptyHostDirectory)

describe('localHost', () => {
  let test: Awaited<ReturnType<typeof emptyHostDirectory>>
  beforeEach(async () => {
    test = await emptyHostDirectory()
  })
  afterEach(() => test.cleanup())
  const mode = (path: string) => statSync(path).mode & 0o777

  it('keeps files and directories from everybody else', async () => {
    const { host, directory } = test
    await host.mkdir(`${directory}/own`)
    await host.writeFile(`${directory}/own/file`, 'x')
    await host.writeFile(`${directory}/own/script`, 'x', { mode: 0o700 })
    await host.run(['touch', `${directory}/own/touched`])
    const modes = ['own', 'own/file', 'own/script', 'own/touched'].map((name) => mode(`${directory}/${name}`))
    expect(modes).toEqual([0o700, 0o600, 0o700, 0o600])
  })

  it('replaces a planted link instead of writing through it', async () => {
    const { host, directory, root } = test
    writeFileSync(`${root}/victim`, 'canary')
    symlinkSync(`${root}/victim`, `${directory}/file`)
    await host.writeFile(`${directory}/file`, 'new')
    expect(String(await host.readFile(`${root}/victim`))).toBe('canary')
    expect(String(await host.readFile(`${directory}/file`))).toBe('new')
  })

  it('leaves no temporary file behind a failed write', async () => {
    const { host, directory } = test
    mkdirSync(`${directory}/taken/full`, { recursive: true })
    await expect(host.writeFile(`${directory}/taken`, 'x')).rejects.toMatchObject({ kind: 'internal' })
    expect(await host.readdir(directory)).toEqual(['taken'])
  })

  it('makes an uploaded image read-only and keeps its holes', async () => {
    const { host, directory, localFile } = test
    const bytes = Buffer.alloc(8 * 1024 * 1024)
    bytes.write('end', bytes.length - 3)
    await host.upload(await localFile(bytes), `${directory}/image`)
    expect(mode(`${directory}/image`)).toBe(0o400)
    expect((await host.readFile(`${directory}/image`))?.equals(bytes)).toBe(true)
    expect(statSync(`${directory}/image`).blocks * 512).toBeLessThan(2 * 1024 * 1024)
  })

  it('sweeps out what a killed upload left an hour ago', async () => {
    const { host, directory, localFile } = test
    for (const name of ['.image.1.1.1.tmp', '.image.2.2.2.tmp', '.other.1.1.1.tmp']) writeFileSync(`${directory}/${name}`, 'x')
    utimesSync(`${directory}/.image.1.1.1.tmp`, 0, 0)
    await host.upload(await localFile(Buffer.from('x')), `${directory}/image`)
    expect(await host.readdir(directory)).toEqual(['.image.2.2.2.tmp', '.other.1.1.1.tmp', 'image'])
  })

  it('reads files of /proc, which have no size', async () => {
    expect(String(await test.host.readFile('/proc/self/status'))).toContain('Name:')
  })

  it('shows no control characters of a command in its fault', async () => {
    const run = test.host.run(['sh', '-c', 'printf "\\033[31mred\\a\\n" >&2; exit 1'])
    await expect(run).rejects.toMatchObject({ message: expect.stringMatching(/exited 1: \[31mred$/) })
  })

  it.each([10, 150])('connects to a socket whose path is %s characters longer', async (extra) => {
    const deep = join(test.directory, 'x'.repeat(extra))
    mkdirSync(deep)
    symlinkSync(deep, `${test.root}/s`)
    const server = createServer((socket) => socket.end('hello')).listen(`${test.root}/s/q.sock`)
    await new Promise((resolve) => server.once('listening', resolve))
    const socket = await test.host.connect(`${deep}/q.sock`)
    const chunks = await socket.toArray()
    expect(Buffer.concat(chunks).toString()).toBe('hello')
    server.close()
  })
})
