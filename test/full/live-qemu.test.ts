/** Live moves between real hosts reached by ssh, by every way: guests without a system, and one that keeps counting. */
import type { Duplex } from 'node:stream'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { GuestSpec, LiveOrder } from '../../src/drivers/driver.ts'
import type { QemuContext } from '../../src/drivers/qemu/context.ts'
import { qemuDriver } from '../../src/drivers/qemu/index.ts'
import { fencedHost } from '../../src/hosts/fenced-host.ts'
import { liveContract } from '../contract/live-contract.ts'
import { aDisk, aNic } from '../support/a-guest.ts'
import { directGuest, loginPrompt } from '../support/bootable-guest.ts'
import { eventually } from '../support/eventually.ts'
import { livePair } from '../support/live-pair.ts'
import { qemuOnRig } from '../support/qemu-on-rig.ts'
import { type Rig, startRig } from '../support/rig/rig.ts'
import { rigObstacle } from '../support/rig/rig-obstacle.ts'
import { typeLine } from '../support/serial-console.ts'

const obstacle = rigObstacle()
const skipped = obstacle === undefined ? '' : ` (skipped: ${obstacle})`
const instancesPath = '/var/lib/nova/instances'
const transports = ['tunnel', 'tls', 'tcp'] as const

describe.skipIf(obstacle !== undefined).each(transports)(`over ssh by %s${skipped}`, (transport) => {
  liveContract(`qemu by ${transport}`, async () => {
    const rig = await startRig(2)
    const contexts = { here: qemuOnRig(rig, 1), there: qemuOnRig(rig, 2) }
    const pair = livePair(contexts, { order: { transport }, address: rig.host(2).address })
    return {
      ...pair,
      cleanup: async () => {
        await pair.cleanup()
        for (const { host } of Object.values(contexts)) await host.close()
        await rig.down()
      },
    }
  })
})

describe.skipIf(obstacle !== undefined)(`a guest that counts${skipped}`, { timeout: 300_000 }, () => {
  let rig: Rig
  let spec: GuestSpec
  let digest = ''
  let at = 1
  const contexts: QemuContext[] = []
  const on = (number: number): QemuContext => {
    const context = contexts[number - 1]
    if (context === undefined) throw new Error(`no host ${number}`)
    const host = spec === undefined ? context.host : fencedHost(context.host, `${instancesPath}/${spec.id}`, 7)
    return { ...context, host }
  }
  const driver = (number: number) => qemuDriver(on(number))
  const atConsole = async <T>(use: (console: Duplex) => Promise<T>): Promise<T> => {
    const console = await on(at).host.connect(await driver(at).consoleSocket(spec.id))
    try {
      return await use(console)
    } finally {
      console.destroy()
    }
  }
  const disk = () =>
    atConsole(async (console) => {
      await typeLine(console, 'echo 3 >/proc/sys/vm/drop_caches', '#')
      const seen = await typeLine(console, 'dd if=/dev/vda bs=1M skip=1 count=8 2>/dev/null | sha256sum; echo do""ne', 'done')
      return /[0-9a-f]{64}/.exec(seen)?.[0]
    })
  const counted = async (number: number) => {
    const log = (await driver(number).consoleLog(spec.id, 64 * 1024)).matchAll(/tick (\d+)\b/g)
    return Math.max(0, ...[...log].map(([, count]) => Number(count)))
  }

  beforeAll(async () => {
    rig = await startRig(2)
    contexts.push(qemuOnRig(rig, 1), qemuOnRig(rig, 2))
    const made = await directGuest(driver(1), {
      disks: [aDisk({ bytes: 32 * 1024 ** 2 })],
      nics: [aNic({ sshPort: 22_022 })],
      rng: true,
    })
    await directGuest(driver(2))
    spec = made
    await driver(1).createDisks(spec)
    await driver(1).spawn(spec)
    await loginPrompt(driver(1), spec.id)
    await atConsole(async (console) => {
      await typeLine(console, '', '#')
      await typeLine(console, 'dd if=/dev/urandom of=/dev/vda bs=1M seek=1 count=8; sync; echo writ""ten', 'written')
      const loop =
        '(n=0; while :; do n=$((n+1)); echo tick $n; echo $n | dd of=/dev/vda conv=notrunc,fsync 2>/dev/null; sleep 0.1; done) &'
      await typeLine(console, loop, 'tick 3')
    })
    digest = (await disk()) ?? 'none'
  }, 300_000)
  afterAll(async () => {
    for (const number of [1, 2]) if (contexts.length === 2) await driver(number).destroy(spec.id)
    for (const { host } of contexts) await host.close()
    await rig?.down()
  })

  const move = async (change: Partial<LiveOrder>, during: (phase: string) => void = () => {}) => {
    const to = 3 - at
    const plain = {
      transport: 'tunnel',
      storage: 'copy',
      maxDowntimeMs: null,
      bandwidth: null,
      autoConverge: false,
      postCopy: false,
    } as const
    const order: LiveOrder = { ...plain, ...change }
    const there = { ...spec, nics: [aNic({ sshPort: 22_022 + to })] }
    const before = await counted(at)
    await driver(to).makeRoom(there, order)
    const place = { host: on(to).host, instancesPath, address: rig.host(to).address }
    const result = await driver(at).moveLive(spec.id, place, there, order, ({ phase }) => during(phase))
    await driver(at).leave(spec.id, 'copy')
    at = to
    expect((await driver(to).inspect(spec.id))?.powerState).toBe('running')
    await eventually('the next tick', async () => (await counted(to)) > before + 2)
    expect(await disk()).toBe(digest)
    return result
  }

  it.each(transports)('goes on counting after a move by %s, its disk intact', async (transport) => {
    const result = await move({ transport })
    expect(result.memoryBytes).toBeGreaterThan(10 * 1024 ** 2)
    expect(result.diskBytes).toBeGreaterThan(8 * 1024 ** 2)
    expect(result.downtimeMs).toBeLessThan(10_000)
  })

  it('goes on while its memory follows (post-copy)', async () => {
    const phases = new Set<string>()
    let forced: Promise<void> | undefined
    await move({ transport: 'tls', postCopy: true, bandwidth: 8 }, (phase) => {
      phases.add(phase)
      if (phase === 'memory') forced ??= driver(at).forceLive(spec.id)
    })
    await forced
    expect([...phases]).toContain('post-copy')
  })

  it('goes on when it is slowed down for the move', async () => {
    await move({ autoConverge: true, maxDowntimeMs: 50, bandwidth: 100 })
  })

  it('leaves no key, socket or process of the move behind', async () => {
    const { host } = on(at)
    expect((await host.readdir(`${instancesPath}/${spec.id}`)).filter((name) => name.startsWith('live'))).toEqual([])
    expect(await on(3 - at).host.stat(`${instancesPath}/${spec.id}`)).toBeUndefined()
    const others = await on(3 - at).host.run(['pgrep', '-c', 'qemu'], { okExitCodes: [0, 1] })
    expect(Number(others.stdout)).toBe(0)
  })
})
