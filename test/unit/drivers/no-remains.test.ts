/** S6: a disk shows nothing of the one before it. Real files, real qemu-img; what a guest would write, qemu-io writes. */
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { GuestSpec } from '../../../src/drivers/driver.ts'
import { placedDisks } from '../../../src/drivers/guest-disk.ts'
import { aDisk, aGuest } from '../../support/a-guest.ts'
import { diskContent } from '../../support/disk-content.ts'
import { qemuHost } from '../../support/qemu-host.ts'

const mib = 1024 ** 2
/** A dozen programs a test, on a machine that may be busy. */
const longMs = 120_000
const pattern = 0x5a
const serial = 'a'.repeat(20)

let host: ReturnType<typeof qemuHost>
let image: ReturnType<typeof diskContent>
beforeEach(() => {
  host = qemuHost()
  image = diskContent(host.root)
})
afterEach(() => host.cleanup())

/** A guest with a disk of every kind that lives longer than a boot. */
const guest = (id: string): GuestSpec =>
  aGuest({
    id,
    disks: [
      image.disk,
      aDisk({ role: 'ephemeral', bytes: 4 * mib }),
      aDisk({ role: 'swap', bytes: 2 * mib }),
      aDisk({ role: 'extra', bytes: 2 * mib, serial }),
    ],
  })
const [first, second] = ['11111111-2222-4333-8444-000000000001', '11111111-2222-4333-8444-000000000002']

async function withDisks(spec: GuestSpec) {
  await host.driver().cacheImage(image.image, image.imageFile, () => undefined)
  await host.driver().createDisks(spec)
  return placed(spec)
}
const placed = (spec: GuestSpec) =>
  placedDisks(spec, { directory: join(host.instancesPath, spec.id), cache: join(host.instancesPath, '_base') })

function fill(disks: ReturnType<typeof placed>): void {
  for (const { path, format, disk } of disks)
    execFileSync('qemu-io', ['-f', format, '-c', `write -P ${pattern} 0 ${disk.bytes}`, '-c', 'flush', path])
}

/** The disk as its guest reads it. */
function bytesOf({ path, format }: ReturnType<typeof placed>[number]): Buffer {
  const raw = join(host.root, 'read-back')
  execFileSync('qemu-img', ['convert', '-f', format, '-O', 'raw', path, raw])
  return readFileSync(raw)
}

/** The longest run of the pattern: file systems and swap headers of the new disk's own have none this long. */
const remains = (bytes: Buffer) => bytes.includes(Buffer.alloc(64, pattern))
const nonZero = (bytes: Buffer) => bytes.reduce((count, byte) => count + (byte === 0 ? 0 : 1), 0)

it.each([
  ['another guest', second],
  ['a guest of the same id', first],
])(
  'S6 no disk of %s shows what a deleted guest wrote',
  async (_, id) => {
    const old = await withDisks(guest(first))
    fill(old)
    expect(old.map((disk) => remains(bytesOf(disk)))).toEqual([true, true, true, true])
    await host.driver().destroy(first)
    const [root, ephemeral, swap, extra] = (await withDisks(guest(id))).map(bytesOf)
    const all = [root, ephemeral, swap, extra].map((bytes) => bytes ?? Buffer.from([pattern]))
    expect(all.map(remains)).toEqual([false, false, false, false])
    expect(nonZero(all[3] ?? Buffer.from([1]))).toBe(0)
    expect(all[0]?.subarray(0, mib).equals(readFileSync(image.imageFile))).toBe(true)
    expect(nonZero(all[0]?.subarray(mib) ?? Buffer.from([1]))).toBe(0)
  },
  longMs,
)

it(
  'S6 a rebuilt root disk shows nothing of the old one, and the image below both was not written',
  async () => {
    const disks = await withDisks(guest(first))
    fill(disks.slice(0, 1))
    const before = readFileSync(image.imageFile)
    await host.driver().recreateRootDisk(guest(first))
    const [root] = placed(guest(first)).map(bytesOf)
    expect(root?.subarray(0, mib).equals(before)).toBe(true)
    expect(nonZero(root?.subarray(mib) ?? Buffer.from([1]))).toBe(0)
  },
  longMs,
)

it(
  'S6 an extra disk that was removed and added again is empty, and half a file of it is never taken for whole',
  async () => {
    const disks = await withDisks(guest(first))
    const extra = disks.slice(3)
    fill(extra)
    const [path = ''] = extra.map((disk) => disk.path)
    await host.context.host.remove(path)
    writeFileSync(`${path}.new`, Buffer.alloc(mib, pattern))
    await host.driver().createDisks(guest(first))
    expect(placed(guest(first)).slice(3).map(bytesOf).map(nonZero)).toEqual([0])
  },
  longMs,
)
