/** What every driver that makes images of guests keeps. */
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Driver, GuestSpec, Snapshots } from '../../src/drivers/driver.ts'
import { inspectImage } from '../../src/image/inspect.ts'

export interface SnapshotDriverUnderTest {
  /** As a new process would make it. */
  driver(): Driver & Snapshots
  /** A guest whose root disk begins with `content`, its image in the cache. */
  guest(id: string): GuestSpec
  /** A directory of the controller. */
  readonly directory: string
  /** The disk in the file starts as the guest's does. */
  hasContent(file: string): Promise<boolean>
  /** It has no disks whose content could differ. */
  readonly isMadeUp?: true
  /** Names of what the guest has on its host. */
  files(id: string): Promise<string[]>
  cleanup(): Promise<void>
}

let guests = 0

/** Declares the suite for one driver. */
export function snapshotContract(name: string, make: () => Promise<SnapshotDriverUnderTest>): void {
  describe(`${name} driver, making images of guests`, () => {
    let test: SnapshotDriverUnderTest
    beforeAll(async () => {
      test = await make()
    })
    afterAll(() => test?.cleanup())
    const driver = () => test.driver()
    const running = async (change: (spec: GuestSpec) => GuestSpec = (spec) => spec) => {
      guests += 1
      const spec = change(test.guest(`00000000-0000-4000-a000-${String(guests).padStart(12, '0')}`))
      await driver().createDisks?.(spec)
      await driver().spawn(spec)
      return spec
    }
    const options = { deadlineMs: 60_000 }
    const taken = async (id: string) => {
      const file = join(test.directory, 'taken')
      rmSync(file, { force: true })
      const result = await driver().snapshot(id, file, options)
      const bytes = readFileSync(file)
      expect(result.bytes).toBe(bytes.length)
      // It names no other file, or the inspector would refuse it.
      const { format, virtualSize } = inspectImage(bytes, bytes.length)
      expect(format).toBe('qcow2')
      return { virtualSize, isWhole: await test.hasContent(file) }
    }

    it.each(['running', 'paused'] as const)('takes one of a %s guest, which stays so and keeps nothing of it', async (state) => {
      const spec = await running()
      if (state === 'paused') await driver().pause?.(spec.id)
      const before = await test.files(spec.id)
      const expected = { virtualSize: spec.disks[0]?.bytes, isWhole: true }
      expect(await taken(spec.id)).toEqual(expected)
      expect(await taken(spec.id)).toEqual(expected)
      expect(await test.files(spec.id)).toEqual(before)
      expect((await driver().inspect(spec.id))?.powerState).toBe(state)
      await driver().destroy(spec.id)
    })

    it('takes one of a stopped guest, which starts afterwards', async () => {
      const spec = await running()
      await driver().stop(spec.id, { timeoutMs: 0 })
      const before = await test.files(spec.id)
      expect(await taken(spec.id)).toEqual({ virtualSize: spec.disks[0]?.bytes, isWhole: true })
      expect(await test.files(spec.id)).toEqual(before)
      await driver().start(spec.id)
      await driver().destroy(spec.id)
    })

    it('takes one of a guest that was made again without that content, and finds none of it', async ({ skip }) => {
      if (test.isMadeUp) skip()
      const spec = await running()
      await driver().stop(spec.id, { timeoutMs: 0 })
      const disks = spec.disks.map((disk) => (disk.role === 'root' ? { ...disk, image: null } : disk))
      await driver().recreateRootDisk?.({ ...spec, disks })
      await driver().start(spec.id)
      expect(await taken(spec.id)).toMatchObject({ isWhole: false })
      await driver().destroy(spec.id)
    })

    it('drops what a caller left that is gone', async () => {
      const { id } = await running()
      for (const _ of ['once', 'again']) await driver().dropSnapshot(id)
      expect((await driver().inspect(id))?.powerState).toBe('running')
      await driver().destroy(id)
    })

    it('takes none of a guest without a root disk, nor of one that is not there', async () => {
      const file = join(test.directory, 'none')
      const { id } = await running((spec) => ({ ...spec, disks: [] }))
      await expect(driver().snapshot(id, file, options)).rejects.toMatchObject({ kind: 'unsupported' })
      await driver().destroy(id)
      await expect(driver().snapshot(id, file, options)).rejects.toMatchObject({ kind: 'not-found' })
      expect(existsSync(file)).toBe(false)
    })
  })
}
