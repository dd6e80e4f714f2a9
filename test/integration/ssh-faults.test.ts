/** A real sshd behind a network that cuts, swallows and delays. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { fencedHost } from '../../src/hosts/fenced-host.ts'
import { knownHosts } from '../../src/hosts/known-hosts-files.ts'
import { type SshHost, sshHost } from '../../src/hosts/ssh.ts'
import { eventually } from '../support/eventually.ts'
import { realTime } from '../support/host-directory.ts'
import { type Rig, startRig } from '../support/rig/rig.ts'
import { rigObstacle } from '../support/rig/rig-obstacle.ts'
import { type WireProxy, wireProxy } from '../support/wire-proxy.ts'

const obstacle = rigObstacle()
const suite = `ssh over a bad network${obstacle === undefined ? '' : ` (skipped: ${obstacle})`}`

describe.skipIf(obstacle !== undefined)(suite, () => {
  const root = mkdtempSync(join(tmpdir(), 'nk-'))
  let rig: Rig
  let wire: WireProxy
  let host: SshHost
  beforeAll(async () => {
    rig = await startRig(1)
  })
  afterAll(async () => {
    await rig?.down()
    rmSync(root, { recursive: true, force: true })
  })
  beforeEach(async () => {
    wire = await wireProxy(rig.host(1).address, 22)
    const own = join(root, 'known_hosts')
    const [, type, key] = rig.host(1).knownHostsLine.split(' ')
    writeFileSync(own, `[127.0.0.1]:${wire.port} ${type} ${key}\n`)
    host = sshHost({
      name: 'hv1',
      address: `root@127.0.0.1:${wire.port}`,
      identityFile: rig.identityFile,
      knownHosts: knownHosts({ files: [], own }),
      clock: realTime,
      configFile: join(root, 'none'),
      agentSocket: '',
      connectMs: 20_000,
    })
  })
  afterEach(async () => {
    await host.close()
    await wire.close()
  })

  /** The kind of fault, or `done`; it must come long before what ends a command without this deadline: on a busy machine a second is nothing. */
  async function endOf(work: Promise<unknown>, deadlineMs: number): Promise<string> {
    const began = performance.now()
    const kind = await work.then(
      () => 'done',
      (error: unknown) => (error instanceof Error && 'kind' in error ? String(error.kind) : String(error)),
    )
    expect(performance.now() - began).toBeLessThan(deadlineMs + 20_000)
    return kind
  }
  const change = (deadlineMs: number) => endOf(host.run(['true'], { deadlineMs }), deadlineMs)

  it('cut anywhere in the handshake and in a command: told by kind, and the next command has another connection', async () => {
    await host.run(['true'])
    const whole = wire.passed()
    await host.close()
    const cuts = Array.from({ length: 14 }, (_, index) => Math.floor((whole * (index + 1)) / 16))
    for (const bytes of cuts) {
      const proxied = again()
      wire.cutAfter(bytes)
      expect(['done', 'unreachable', 'internal'], `cut after ${bytes} bytes`).toContain(
        await endOf(proxied.run(['true'], { deadlineMs: 10_000 }), 10_000),
      )
      wire.cutAfter(Number.POSITIVE_INFINITY)
      expect(await proxied.run(['true'], { deadlineMs: 60_000 })).toMatchObject({ exitCode: 0 })
      await proxied.close()
    }
  })

  function again(connectMs = 20_000): SshHost {
    const own = join(root, 'known_hosts')
    const keys = knownHosts({ files: [], own })
    const address = `root@127.0.0.1:${wire.port}`
    const login = { identityFile: rig.identityFile, configFile: join(root, 'none'), agentSocket: '' }
    return sshHost({ name: 'hv1', address, knownHosts: keys, clock: realTime, connectMs, ...login })
  }

  it('swallowed packets end a command at its deadline, and ten deadlines later nothing hangs', async () => {
    await host.run(['true'])
    wire.blackhole(true)
    for (let turn = 0; turn < 5; turn += 1) expect(['timeout', 'unreachable']).toContain(await change(300))
    wire.blackhole(false)
    expect(await eventually('a new connection', async () => (await change(20_000)) === 'done')).toBe(true)
  })

  it('swallowed packets in the handshake are unreachable within its own deadline', async () => {
    wire.blackhole(true)
    const proxied = again(1500)
    expect(await endOf(proxied.run(['true'], { deadlineMs: 60_000 }), 1500)).toBe('unreachable')
    await proxied.close()
  })

  it('a slow line makes it slow and nothing else', async () => {
    wire.delay(60)
    await host.mkdir('/var/lib/nova/slow')
    await host.writeFile('/var/lib/nova/slow/file', 'x'.repeat(100_000))
    expect((await host.readFile('/var/lib/nova/slow/file'))?.length).toBe(100_000)
  })

  it('a connection that was cut while idle costs a read nothing', async () => {
    await host.stat('/etc')
    rig.host(1).cut()
    expect(await host.stat('/etc')).toMatchObject({ isDirectory: true })
    rig.host(1).cut()
    await eventually('a change on a new connection', async () => (await change(20_000)) === 'done')
  })

  it('a write that was cut leaves the old content whole, and nothing beside it', async () => {
    const directory = '/var/lib/nova/torn'
    await host.mkdir(directory)
    const writers: [string, (path: string, bytes: Buffer) => Promise<unknown>][] = [
      ['plain', (path, bytes) => host.writeFile(path, bytes)],
      ['fenced', (path, bytes) => fencedHost(host, directory, 1).writeFile(path, bytes)],
      ['streamed', (path, bytes) => host.writeStream(path, chunksOf(bytes))],
      ['uploaded', (path, bytes) => host.upload(localFile(bytes), path)],
    ]
    for (const [name, write] of writers) {
      const path = `${directory}/${name}`
      await host.writeFile(path, 'old')
      wire.cutAfterSent(1024 ** 2)
      expect(await endOf(write(path, Buffer.alloc(4 * 1024 ** 2, 'n')), 30_000), name).toBe('unreachable')
      expect(String(await host.readFile(path)), name).toBe('old')
    }
    // What a stream left is swept out by the next one, an hour later; the others clean up at once.
    const left = async () =>
      (await host.readdir(directory)).filter((name) => !writers.some(([writer]) => name.startsWith(`${writer}`)))
    await eventually('the end of the writers', async () => (await left()).every((name) => name.startsWith('.streamed.')))
  })

  function localFile(bytes: Buffer): string {
    writeFileSync(join(root, 'large'), bytes)
    return join(root, 'large')
  }
})

async function* chunksOf(bytes: Buffer): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 65_536) yield bytes.subarray(at, at + 65_536)
}
