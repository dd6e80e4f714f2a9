/** The ssh host against servers that lie, refuse or fall silent; these need no root. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { knownHosts } from '../../../src/hosts/known-hosts-files.ts'
import { type SshHost, type SshHostOptions, sshHost } from '../../../src/hosts/ssh.ts'
import { type FakeSshd, type FakeSshdOptions, fakeSshd } from '../../support/fake-sshd.ts'
import { realTime } from '../../support/host-directory.ts'
import { makeKey } from '../../support/rig/rig-files.ts'
import { listening } from '../../support/wire-proxy.ts'

const root = mkdtempSync(join(tmpdir(), 'nk-'))
const identityFile = join(root, 'id')
makeKey(identityFile)
const ends: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

function hostAt(port: number, key: string | undefined, change: Partial<SshHostOptions> = {}): SshHost {
  const own = join(root, `known-${port}`)
  writeFileSync(own, key === undefined ? '' : `[127.0.0.1]:${port} ${key}\n`)
  const host = sshHost({
    name: 'h1',
    address: `root@127.0.0.1:${port}`,
    identityFile,
    knownHosts: knownHosts({ files: [], own }),
    clock: realTime,
    configFile: join(root, 'none'),
    agentSocket: '',
    connectMs: 20_000,
    ...change,
  })
  ends.push(() => host.close())
  return host
}

async function served(options: FakeSshdOptions = {}): Promise<FakeSshd> {
  const server = await fakeSshd(options)
  ends.push(() => server.close())
  return server
}

/** A server of bare bytes. */
async function speaking(speak: (socket: Socket) => void): Promise<number> {
  const open = new Set<Socket>()
  const server: Server = createServer((socket) => {
    open.add(socket)
    socket.on('error', () => {})
    speak(socket)
  })
  ends.push(async () => {
    for (const socket of open) socket.destroy()
    await new Promise((resolve) => server.close(resolve))
  })
  return listening(server)
}

async function timed<T>(work: () => Promise<T>): Promise<{ readonly fault: unknown; readonly ms: number }> {
  const began = performance.now()
  const fault = await work().then(
    () => undefined,
    (error: unknown) => error,
  )
  return { fault, ms: performance.now() - began }
}

describe('a server in between', () => {
  it('S11 is found out before any key of ours is offered', async () => {
    const [real, between] = [await served(), await served()]
    const { fault } = await timed(() => hostAt(between.port, real.key).run(['id']))
    expect(fault).toMatchObject({
      kind: 'forbidden',
      message: expect.stringMatching(/has changed: it shows ssh-ed25519 SHA256:.*known is .*SHA256:/),
    })
    expect(between.commands).toEqual([])
  })

  it('that nobody knows is not trusted for being there', async () => {
    const server = await served()
    const { fault } = await timed(() => hostAt(server.port, undefined).run(['id']))
    expect(fault).toMatchObject({ kind: 'forbidden', hint: expect.stringContaining('--accept-new') })
    expect(server.commands).toEqual([])
  })
})

describe('a server that is none', () => {
  it.each([
    ['garbage', (socket: Socket) => void socket.end(Buffer.alloc(4096, 0xff))],
    ['a line of 64 KB', (socket: Socket) => void socket.write('x'.repeat(65_536))],
    ['lines without end', (socket: Socket) => void socket.write('hello\r\n'.repeat(10_000))],
    ['an old protocol', (socket: Socket) => void socket.write('SSH-1.5-old\r\n')],
    ['a version and garbage', (socket: Socket) => void socket.write(`SSH-2.0-x\r\n${'\xff'.repeat(4096)}`, 'latin1')],
    ['silence', () => {}],
    ['a closed door', (socket: Socket) => void socket.destroy()],
  ])('%s is unreachable within the deadline', async (_, speak) => {
    const port = await speaking(speak)
    const { fault, ms } = await timed(() => hostAt(port, undefined, { connectMs: 1000 }).run(['true'], { deadlineMs: 1000 }))
    expect(['unreachable', 'timeout']).toContain((fault as { kind?: string }).kind)
    expect(ms).toBeLessThan(12_000)
  })

  it('nobody listening is unreachable at once, by name', async () => {
    const { fault } = await timed(() => hostAt(1, undefined).run(['true']))
    expect(fault).toMatchObject({
      kind: 'unreachable',
      message: 'host h1: no connection to 127.0.0.1 port 1: nobody listens there',
    })
  })
})

describe('a server that behaves badly', () => {
  it('is asked again for a channel that it has not free', async () => {
    const server = await served({ refusals: 3 })
    expect(await hostAt(server.port, server.key).run(['true'])).toMatchObject({ exitCode: 0 })
  })

  it('gives no exit code: that is no success', async () => {
    const server = await served({ exec: (channel) => void channel.close() })
    const { fault } = await timed(() => hostAt(server.port, server.key).run(['true']))
    expect(fault).toMatchObject({
      kind: 'internal',
      message: 'host h1: true ended without an exit code; what it did is not known',
    })
  })

  it('says which signal killed a command', async () => {
    const server = await served({
      exec: (channel) => {
        channel.exit('KILL')
        channel.end()
      },
    })
    const { fault } = await timed(() => hostAt(server.port, server.key).run(['true']))
    expect(fault).toMatchObject({ kind: 'internal', message: expect.stringContaining('was killed by SIGKILL') })
  })

  it('S15 floods stderr: bounded memory, and the command is killed', async () => {
    const flood = Buffer.alloc(256 * 1024, 'x')
    const server = await served({
      exec: (channel, command) => {
        if (command.startsWith('sh -c')) return endAll(channel)
        const pour = () => {
          while (!channel.destroyed && channel.stderr.write(flood));
          channel.stderr.once('drain', pour)
        }
        pour()
      },
    })
    const before = process.memoryUsage().rss
    const { fault } = await timed(() => hostAt(server.port, server.key).run(['noisy'], { maxOutput: 1024 * 1024 }))
    expect(fault).toMatchObject({ kind: 'internal', message: expect.stringContaining('1048576 bytes') })
    expect(process.memoryUsage().rss - before).toBeLessThan(150 * 1024 ** 2)
    expect(server.commands.at(-1)).toMatch(/kill .* 4711$/)
  })

  it('falls silent in a command: unreachable within the deadline and a second', async () => {
    const server = await served({ exec: (channel, command) => void (command.includes('uname') && endAll(channel)) })
    const host = hostAt(server.port, server.key)
    // The login is no part of what is looked at: a busy machine may need the deadline for it alone.
    await timed(() => host.run(['uname']))
    const { fault, ms } = await timed(() => host.run(['sleep', '9'], { deadlineMs: 1500 }))
    expect(fault).toMatchObject({
      kind: 'unreachable',
      message: 'host h1 stopped answering while sleep 9 ran; what it did is not known',
    })
    expect(ms).toBeLessThan(15_000)
  })

  it('gives the files of another format: refused, not believed', async () => {
    const server = await served({
      exec: (channel) => {
        channel.write('not base64!\nnova\n')
        endAll(channel)
      },
    })
    await expect(hostAt(server.port, server.key).stat('/etc')).rejects.toMatchObject({ kind: 'internal' })
  })
})

describe('our own key', () => {
  it('is asked for its passphrase once, and refused by name without it', async () => {
    const server = await served()
    const locked = join(root, 'locked')
    makeKey(locked, 'open sesame')
    const asked: string[] = []
    const askPassphrase = async (file: string) => {
      asked.push(file)
      return 'open sesame'
    }
    expect(await hostAt(server.port, server.key, { identityFile: locked, askPassphrase }).run(['true'])).toMatchObject({
      exitCode: 0,
    })
    expect(asked).toEqual([locked])
    const refused = hostAt(server.port, server.key, { identityFile: locked }).run(['true'])
    await expect(refused).rejects.toMatchObject({
      kind: 'unauthenticated',
      message: `host h1: the key ${locked} needs a passphrase`,
    })
  })

  it('that is not there is an invalid setting', async () => {
    const server = await served()
    const refused = hostAt(server.port, server.key, { identityFile: '/nowhere/id' }).run(['true'])
    await expect(refused).rejects.toMatchObject({ kind: 'invalid', message: expect.stringContaining('/nowhere/id') })
  })
})

function endAll(channel: { exit(code: number): void; end(): void }): void {
  channel.exit(0)
  channel.end()
}
