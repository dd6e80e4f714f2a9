import { afterEach, beforeEach, expect, it } from 'vitest'
import { releaseCpus, reserveCpus } from '../../../../src/drivers/libvirt/cpu-reservation.ts'
import { systemRandom } from '../../../../src/system/random.ts'
import { aGuest } from '../../../support/a-guest.ts'
import { hostDirectory, realTime } from '../../../support/host-directory.ts'

let lab: ReturnType<typeof hostDirectory>
beforeEach(() => {
  lab = hostDirectory()
})
afterEach(() => lab.cleanup())

const cells = [{ id: 0, cpus: [0, 1, 2, 3, 4, 5], memoryMb: 4096, pageSizesKb: [4] }]
const context = () => ({
  host: lab.host,
  instancesPath: lab.directory,
  clock: realTime,
  random: systemRandom,
  virtType: 'qemu' as const,
})
const guests = [1, 2, 3].map((number) => aGuest({ id: `00000000-0000-4000-8000-00000000000${number}`, vcpus: 2 }))

it('gives guests that start at once CPUs of their own, the same again when asked again', async () => {
  const pinnings = await Promise.all(guests.map((guest) => reserveCpus(context(), guest, cells)))
  const pins = pinnings.flatMap((pinning) => pinning.pins)
  expect(new Set(pins).size).toBe(6)
  const [first] = guests
  expect(first && (await reserveCpus(context(), first, cells))).toEqual(pinnings[0])
})

it('refuses one too many and takes CPUs back', async () => {
  const [first, second, third] = guests
  if (!first || !second || !third) throw new Error('three guests')
  const few = cells.map((cell) => ({ ...cell, cpus: [0, 1, 2, 3] }))
  await reserveCpus(context(), first, few)
  await reserveCpus(context(), second, few)
  await expect(reserveCpus(context(), third, few)).rejects.toMatchObject({ kind: 'no-valid-host' })
  await releaseCpus(context(), first.id)
  await releaseCpus(context(), first.id)
  expect((await reserveCpus(context(), third, few)).pins).toEqual([0, 1])
})

it('leaves a guest on its CPUs when others become free, and takes back those of its former size', async () => {
  const [first, second] = guests
  if (!first || !second) throw new Error('two guests')
  await reserveCpus(context(), first, cells)
  expect((await reserveCpus(context(), second, cells)).pins).toEqual([2, 3])
  await releaseCpus(context(), first.id)
  expect((await reserveCpus(context(), second, cells)).pins).toEqual([2, 3])
  await reserveCpus(context(), { ...second, vcpus: 1 }, cells)
  expect((await lab.host.readdir(`${lab.directory}/.cpus`)).length).toBe(1)
})
