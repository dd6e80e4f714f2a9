import { describe, expect, it } from 'vitest'
import { bootSpec, readGuestRecord, writeGuestRecord } from '../../../src/drivers/guest-record.ts'
import { guestPaths } from '../../../src/drivers/qemu/guest-paths.ts'
import { scriptedHost } from '../../../src/hosts/scripted.ts'
import { systemRandom } from '../../../src/system/random.ts'
import { aDisk, aGuest, aGuestImage, aNic } from '../../support/a-guest.ts'
import { realTime } from '../../support/host-directory.ts'

const spec = aGuest({
  disks: [aDisk({ image: aGuestImage() }), aDisk({ role: 'config', bytes: 0 })],
  nics: [aNic({ sshPort: 22_022 })],
  kernel: { kernel: aGuestImage({ format: 'kernel' }), ramdisk: null, commandLine: 'quiet' },
})
const paths = guestPaths({ instancesPath: '/srv' }, spec.id)

async function contextWith(files: Record<string, string> = {}) {
  const host = await scriptedHost({ name: 'h1', files })
  await host.mkdir(paths.directory)
  return { host, instancesPath: '/srv', clock: realTime, random: systemRandom, virtType: 'auto' as const }
}

describe('a guest record', () => {
  it('comes back as it was written', async () => {
    const context = await contextWith()
    await writeGuestRecord(context, paths, { spec, rescue: aGuestImage() })
    expect(await readGuestRecord(context, paths)).toEqual({ spec, rescue: aGuestImage() })
  })

  it('is undefined for a guest that was never spawned', async () => {
    expect(await readGuestRecord(await contextWith(), paths)).toBeUndefined()
  })

  it.each([
    ['no JSON', '{"spec":'],
    ['another thing', '{"spec":{},"rescue":null}'],
    ['a digest that leaves the cache', JSON.stringify({ spec, rescue: { ...aGuestImage(), digest: '../../etc/passwd' } })],
    ['a key of somebody else', JSON.stringify({ spec: { ...spec, extra: 1 }, rescue: null })],
  ])('is a fault that names the file when it is %s', async (_, content) => {
    await expect(readGuestRecord(await contextWith({ [paths.record]: content }), paths)).rejects.toMatchObject({
      kind: 'internal',
      message: `host h1: ${paths.record} is damaged`,
    })
  })
})

describe('bootSpec', () => {
  it('is the own spec outside a rescue', () => {
    expect(bootSpec({ spec, rescue: null })).toBe(spec)
  })

  it('puts the rescue disk first and boots it, not the own kernel', () => {
    const { disks, kernel } = bootSpec({ spec, rescue: aGuestImage({ id: 'helper' }) })
    expect(disks.map(({ role }) => role)).toEqual(['rescue', 'root', 'config'])
    expect(kernel).toBeNull()
  })
})
