/** A real ssh conversation of three commands, cut after every few bytes of it: each end is told by its kind, in time. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { knownHosts } from '../../src/hosts/known-hosts-files.ts'
import { type SshHost, sshHost } from '../../src/hosts/ssh.ts'
import { realTime } from '../support/host-directory.ts'
import { type Rig, startRig } from '../support/rig/rig.ts'
import { rigObstacle } from '../support/rig/rig-obstacle.ts'
import { type WireProxy, wireProxy } from '../support/wire-proxy.ts'

const obstacle = rigObstacle()
const suite = `ssh cut everywhere${obstacle === undefined ? '' : ` (skipped: ${obstacle})`}`
const step = 17
const deadlineMs = 3000

describe.skipIf(obstacle !== undefined)(suite, () => {
  const root = mkdtempSync(join(tmpdir(), 'nk-'))
  const own = join(root, 'known_hosts')
  let rig: Rig
  let wire: WireProxy
  beforeAll(async () => {
    rig = await startRig(1)
    wire = await wireProxy(rig.host(1).address, 22)
    const [, type, key] = rig.host(1).knownHostsLine.split(' ')
    writeFileSync(own, `[127.0.0.1]:${wire.port} ${type} ${key}\n`)
  })
  afterAll(async () => {
    await wire?.close()
    await rig?.down()
    rmSync(root, { recursive: true, force: true })
  })

  const connected = (): SshHost =>
    sshHost({
      name: 'hv1',
      address: `root@127.0.0.1:${wire.port}`,
      identityFile: rig.identityFile,
      knownHosts: knownHosts({ files: [], own }),
      clock: realTime,
      configFile: join(root, 'none'),
      agentSocket: '',
      connectMs: 2000,
    })
  const talk = async (host: SshHost) => {
    await host.run(['true'], { deadlineMs })
    await host.run(['cat'], { stdin: 'some words', deadlineMs })
    return (await host.run(['echo', 'done'], { deadlineMs })).stdout
  }

  it('ends as unreachable, or goes well, and the same host works at once afterwards', async () => {
    const first = connected()
    await talk(first)
    await first.close()
    const whole = wire.passed()
    const kinds = new Map<string, number>()
    for (let bytes = 0; bytes < whole; bytes += step) {
      const host = connected()
      wire.cutAfter(bytes)
      const began = performance.now()
      const kind = await talk(host).then(
        () => 'done',
        (error: unknown) => (error instanceof Error && 'kind' in error ? String(error.kind) : String(error)),
      )
      expect(performance.now() - began, `cut after ${bytes} bytes`).toBeLessThan(3 * deadlineMs + 1000)
      kinds.set(kind, (kinds.get(kind) ?? 0) + 1)
      wire.cutAfter(Number.POSITIVE_INFINITY)
      expect(await talk(host), `after a cut at ${bytes} bytes`).toBe('done\n')
      await host.close()
    }
    expect([...kinds.keys()].filter((kind) => kind !== 'unreachable' && kind !== 'done')).toEqual([])
  })
})
