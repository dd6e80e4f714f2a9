import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { localBus } from '../../../src/bus/local.ts'
import { Fault } from '../../../src/core/fault.ts'
import type { Driver, GuestImage, ImageFile } from '../../../src/drivers/driver.ts'
import { imageTopic } from '../../../src/image/parts.ts'
import { askImageServices, type ServiceImages, serviceImages } from '../../../src/main/service-images.ts'
import { suppliedDriver } from '../../../src/main/supplied-driver.ts'
import { hostDirectory, realTime } from '../../support/host-directory.ts'

const bytes = Buffer.from('the bytes of an image')
const digest = createHash('sha256').update(bytes).digest('hex')
const image: GuestImage = { id: 'image-1', digest, format: 'raw', size: bytes.length, virtualSize: bytes.length }

describe('a service without a shared directory', () => {
  let test: ReturnType<typeof hostDirectory>
  let rack1: ServiceImages
  let asked: string[]
  let stop: () => void
  beforeEach(() => {
    test = hostDirectory()
    asked = []
    const bus = localBus({ clock: realTime })
    const common = { bus, services: async () => ['ctl1'], settings: () => ({ removeUnusedOriginalMinimumAge: 60 }) }
    const of = (service: string) =>
      serviceImages({ ...common, service, stateDirectory: `${test.root}/${service}`, note: () => undefined })
    rack1 = of('rack1')
    stop = of('ctl1').serve()
    const answered = bus.request
    bus.request = async (topic, message, options) => {
      if (topic === imageTopic('ctl1')) asked.push(message.method)
      return answered(topic, message, options)
    }
    mkdirSync(`${test.root}/ctl1/images`, { recursive: true, mode: 0o700 })
    writeFileSync(`${test.root}/ctl1/images/${digest}`, bytes)
  })
  afterEach(() => {
    stop()
    test.cleanup()
  })
  const nowhere = '/nowhere/images/x'
  /** A hypervisor that refuses bytes with another digest, as all do, and takes a file only when it needs one. */
  const hypervisor = (has: () => boolean, got: string[]) =>
    suppliedDriver(
      {
        async cacheImage(_: GuestImage, file: ImageFile) {
          if (has()) return
          const path = typeof file === 'string' ? file : await file()
          const text = readFileSync(path)
          if (createHash('sha256').update(text).digest('hex') !== digest) throw new Fault('conflict', 'other bytes')
          got.push(path)
        },
        snapshot: async () => ({ digest, bytes: 1 }),
      } as unknown as Driver,
      rack1,
    )

  it('fetches an image for a host that needs it, and for no other', async () => {
    const got: string[] = []
    await hypervisor(() => true, got).cacheImage?.(image, nowhere)
    expect(asked).toEqual([])
    await hypervisor(() => false, got).cacheImage?.(image, nowhere)
    expect(asked).toEqual(['size', 'part'])
    expect(got).toEqual([`${test.root}/rack1/image-copies/${digest}`])
  })

  it('takes the file of the conductor where both have one directory', async () => {
    const got: string[] = []
    const shared = `${test.root}/ctl1/images/${digest}`
    await hypervisor(() => false, got).cacheImage?.(image, shared)
    expect([got, asked]).toEqual([[shared], []])
  })

  it('fetches a copy again that its disk damaged, once', async () => {
    const got: string[] = []
    const driver = hypervisor(() => false, got)
    await driver.cacheImage?.(image, nowhere)
    writeFileSync(`${test.root}/rack1/image-copies/${digest}`, 'rotten')
    await driver.cacheImage?.(image, nowhere)
    expect(got).toHaveLength(2)
    expect(asked).toEqual(['size', 'part', 'size', 'part'])
    writeFileSync(`${test.root}/rack1/image-copies/${digest}`, 'rotten')
    writeFileSync(`${test.root}/ctl1/images/${digest}`, 'rotten, too')
    await expect(driver.cacheImage?.(image, nowhere)).rejects.toMatchObject({ kind: 'conflict' })
  })

  it('says which image is nowhere, for whom', async () => {
    const other = { ...image, digest: 'a'.repeat(64) }
    await expect(hypervisor(() => false, []).cacheImage?.(other, nowhere)).rejects.toMatchObject({
      kind: 'not-found',
      message: `image image-1 for rack1: the file of image ${other.digest} is with none of 1 other services: ctl1`,
    })
  })

  it('tells who has what a host sent', async () => {
    const arrived = await hypervisor(() => false, []).snapshot?.('guest', nowhere, { deadlineMs: 1 }, () => undefined)
    expect(arrived).toEqual({ digest, bytes: 1, service: 'rack1' })
  })

  it('says so when the conductor that it asks is older', async () => {
    for (const kind of ['invalid', 'unsupported'] as const) {
      const older = askImageServices(async () => Promise.reject(new Fault(kind, 'id: is missing')))
      await expect(older()).rejects.toMatchObject({ kind: 'unsupported', message: expect.stringContaining('older') })
    }
    const away = askImageServices(async () => Promise.reject(new Fault('timeout', 'no answer')))
    await expect(away()).rejects.toMatchObject({ kind: 'timeout' })
    expect(await askImageServices(async () => ['ctl1'])()).toEqual(['ctl1'])
  })
})
