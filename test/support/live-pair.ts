/** Two hosts between which guests without a system move: what they have to carry is written into their disks. */
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { GuestSpec, LiveOrder } from '../../src/drivers/driver.ts'
import { guestDirectory } from '../../src/drivers/guest-directory.ts'
import { placedDisks } from '../../src/drivers/guest-disk.ts'
import type { QemuContext } from '../../src/drivers/qemu/context.ts'
import { qemuDriver } from '../../src/drivers/qemu/index.ts'
import type { LiveDriver, LiveDriversUnderTest, Side } from '../contract/live-contract.ts'
import { aDisk, aGuest, aGuestImage } from './a-guest.ts'
import { directGuest } from './bootable-guest.ts'

const mebibyte = 1024 ** 2

interface LivePairOptions {
  readonly order?: Partial<LiveOrder>
  readonly address?: string
  /** Both hosts have one instances path. */
  readonly shares?: boolean
  /** Default: the qemu driver. */
  readonly make?: (context: QemuContext) => LiveDriver
}

/** The pair as the contract of live moves wants it; `cleanup` destroys every guest on both. */
export function livePair(
  contexts: Readonly<Record<Side, QemuContext>>,
  { order, address, shares = false, make = qemuDriver }: LivePairOptions = {},
): LiveDriversUnderTest {
  const local = mkdtempSync(join(tmpdir(), 'nk-'))
  const base = Buffer.alloc(8 * mebibyte, 'the image ')
  const baseFile = join(local, 'base')
  writeFileSync(baseFile, base)
  const digest = createHash('sha256').update(base).digest('hex')
  const image = aGuestImage({ digest, format: 'raw', size: base.length, virtualSize: base.length })
  const driver = (side: Side) => make(contexts[side])
  const { host, instancesPath } = contexts.there
  const disksOf = (side: Side, spec: GuestSpec) => placedDisks(spec, guestDirectory(contexts[side], spec.id))
  return {
    here: () => driver('here'),
    there: () => driver('there'),
    place: { host, instancesPath, address },
    order: order ?? {},
    shares,
    guest: (id) => {
      const disks = [
        aDisk({ image, bytes: 16 * mebibyte }),
        aDisk({ role: 'swap', bytes: 4 * mebibyte }),
        aDisk({ role: 'config' }),
      ]
      // Where no disks travel, a guest without a system has arrived before anybody could stop it.
      return shares ? directGuest(driver('here'), { id, disks }) : aGuest({ id, disks })
    },
    async makeDisks(spec) {
      for (const side of ['here', 'there'] as const) await driver(side).cacheImage?.(image, baseFile)
      await driver('here').createDisks?.(spec)
      await driver('here').createConfigDrive?.(spec.id, [{ path: 'openstack/latest/meta_data.json', content: spec.id }])
      for (const { path, format, disk } of disksOf('here', spec)) {
        const write = disk.role === 'root' ? 'write -P 0xab 3M 6M' : 'write -P 0xcd 1M 1M'
        if (disk.role !== 'config') await contexts.here.host.run(['qemu-io', '-f', format, '-c', write, path])
      }
    },
    async contents(side, spec) {
      const hash = createHash('sha256')
      for (const { path, format } of disksOf(side, spec)) {
        const whole = `${path}.whole`
        const { host: on } = contexts[side]
        await on.run(['qemu-img', 'convert', '-f', format, '-O', 'raw', path, whole])
        hash.update((await on.run(['sha256sum', whole])).stdout.split(' ')[0] ?? '')
        await on.remove(whole)
      }
      return hash.digest('hex')
    },
    async cleanup() {
      for (const side of ['here', 'there'] as const)
        for (const { id } of await driver(side).list()) await driver(side).destroy(id)
      rmSync(local, { recursive: true, force: true })
    },
  }
}
