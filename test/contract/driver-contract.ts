/** What every driver keeps: a guest's life, each step of which may be repeated. No guest needs an operating system for it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Driver, GuestImage, GuestSpec } from '../../src/drivers/driver.ts'
import { haltsOf, memoryOf, type OwnGuest } from './halts-contract.ts'

export interface DriverUnderTest {
  /** A driver as a new process would make it: over the same host, remembering nothing. */
  driver(): Driver
  /** A small image and the controller's file that holds it. */
  readonly image: GuestImage
  readonly imageFile: string
  /** The smallest guest with that id that this driver can run. */
  guest(id: string): GuestSpec
  cleanup(): Promise<void>
}

const idOf = (number: number) => `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`
const unknownId = idOf(999_999)
let guests = 0

/** Declares the suite for one driver; capabilities that it lacks are left out. */
export function driverContract(name: string, make: () => Promise<DriverUnderTest>): void {
  describe(`${name} driver`, () => {
    let test: DriverUnderTest
    beforeAll(async () => {
      test = await make()
    })
    afterAll(() => test?.cleanup())
    const own: OwnGuest = {
      driver: () => test.driver(),
      powerState: async (id) => (await test.driver().inspect(id))?.powerState,
      async spawned() {
        guests += 1
        const spec = test.guest(idOf(guests))
        await test.driver().createDisks?.(spec)
        await test.driver().spawn(spec)
        return spec
      },
    }
    lifeOf(own)
    haltsOf(own)
    memoryOf(own)
    looksOf(own)
    imagesOf(own, () => test)
    strangersOf(own)
  })
}

function lifeOf({ driver, powerState, spawned }: OwnGuest) {
  it('spawns a guest that runs, and leaves it as it is when asked again', async () => {
    const spec = await spawned()
    const first = await driver().inspect(spec.id)
    expect(first?.powerState).toBe('running')
    await driver().createDisks?.(spec)
    await driver().spawn(spec)
    expect(await driver().inspect(spec.id)).toEqual(first)
    await driver().destroy(spec.id)
  })

  it('stops and starts, each twice', async () => {
    const { id } = await spawned()
    await driver().stop(id, { timeoutMs: 0 })
    expect(await powerState(id)).toBe('shutdown')
    await driver().stop(id, { timeoutMs: 100 })
    expect(await powerState(id)).toBe('shutdown')
    await driver().start(id)
    await driver().start(id)
    expect(await powerState(id)).toBe('running')
    await driver().destroy(id)
  })

  it('reboots a guest that runs and one that is stopped', async () => {
    const { id } = await spawned()
    await driver().reboot(id, { kind: 'soft', timeoutMs: 50 })
    expect(await powerState(id)).toBe('running')
    await driver().stop(id, { timeoutMs: 0 })
    await driver().reboot(id, { kind: 'hard', timeoutMs: 0 })
    expect(await powerState(id)).toBe('running')
    await driver().destroy(id)
  })

  it('destroys a guest in every state, twice', async () => {
    const running = await spawned()
    const stopped = await spawned()
    await driver().stop(stopped.id, { timeoutMs: 0 })
    for (const { id } of [running, stopped, running, stopped]) {
      await driver().destroy(id)
      expect(await driver().inspect(id)).toBeUndefined()
    }
    expect(await driver().list()).toEqual([])
  })
}

function looksOf({ driver, spawned }: OwnGuest) {
  it('lists every guest with its state', async () => {
    const first = await spawned()
    const second = await spawned()
    await driver().stop(second.id, { timeoutMs: 0 })
    const states = (await driver().list()).map(({ id, powerState }) => [id, powerState])
    expect(new Map(states as [string, string][])).toEqual(
      new Map([
        [first.id, 'running'],
        [second.id, 'shutdown'],
      ]),
    )
    await driver().destroy(first.id)
    await driver().destroy(second.id)
  })

  it('tells diagnostics of a guest that runs and of one that does not', async ({ skip }) => {
    if (!driver().diagnostics) skip()
    const { id, ram } = await spawned()
    expect(await driver().diagnostics?.(id)).toMatchObject({ powerState: 'running', memoryMb: { maximum: ram } })
    await driver().stop(id, { timeoutMs: 0 })
    expect(await driver().diagnostics?.(id)).toMatchObject({ powerState: 'shutdown' })
    await driver().destroy(id)
  })

  it('reserves one port for a guest and never the same for two', async ({ skip }) => {
    if (!driver().reservePort) skip()
    const ids = [7001, 7002, 7003, 7004].map(idOf)
    const ports = await Promise.all([...ids, ...ids, ...ids, ...ids].map((id) => driver().reservePort?.(id)))
    expect(new Set(ports).size).toBe(ids.length)
    for (const times of [1, 2, 3]) expect(ports.slice(4 * times, 4 * times + 4)).toEqual(ports.slice(0, 4))
    for (const id of ids) await driver().destroy(id)
  })

  it('has an inventory with something to give', async () => {
    const { vcpus, memoryMb, diskGb, supportedInstances } = await driver().inventory()
    expect(Math.min(vcpus, memoryMb, diskGb, supportedInstances.length)).toBeGreaterThan(0)
  })
}

function imagesOf({ driver, powerState, spawned }: OwnGuest, test: () => DriverUnderTest) {
  it('caches an image however many want it at once', async ({ skip }) => {
    if (!driver().cacheImage) skip()
    const { image, imageFile } = test()
    await Promise.all([1, 2, 3].map(() => driver().cacheImage?.(image, imageFile)))
    await driver().cacheImage?.(image, imageFile)
  })

  it('rescues and goes back, each twice', async ({ skip }) => {
    if (!driver().rescue) skip()
    const { image, imageFile } = test()
    const { id } = await spawned()
    await driver().cacheImage?.(image, imageFile)
    for (const step of ['rescue', 'rescue', 'unrescue', 'unrescue'] as const) {
      await (step === 'rescue' ? driver().rescue?.(id, image) : driver().unrescue?.(id))
      expect(await powerState(id)).toBe('running')
    }
    await driver().destroy(id)
  })

  it('makes the root disk of a stopped guest again', async ({ skip }) => {
    if (!driver().recreateRootDisk) skip()
    const spec = await spawned()
    await driver().stop(spec.id, { timeoutMs: 0 })
    await driver().recreateRootDisk?.(spec)
    await driver().recreateRootDisk?.(spec)
    await driver().start(spec.id)
    expect(await powerState(spec.id)).toBe('running')
    await driver().destroy(spec.id)
  })
}

function strangersOf({ driver }: OwnGuest) {
  it('knows nothing of a guest it never had, and destroys it gladly', async () => {
    expect(await driver().inspect(unknownId)).toBeUndefined()
    await driver().destroy(unknownId)
    expect(await driver().inspect(unknownId)).toBeUndefined()
  })

  it.each(['start', 'stop', 'reboot', 'pause', 'unpause', 'suspend', 'resume', 'unrescue', 'diagnostics'] as const)(
    'says not-found when it shall %s a guest it never had',
    async (call) => {
      const actions = {
        start: () => driver().start(unknownId),
        stop: () => driver().stop(unknownId, { timeoutMs: 0 }),
        reboot: () => driver().reboot(unknownId, { kind: 'hard', timeoutMs: 0 }),
        pause: () => driver().pause?.(unknownId),
        unpause: () => driver().unpause?.(unknownId),
        suspend: () => driver().suspend?.(unknownId),
        resume: () => driver().resume?.(unknownId),
        unrescue: () => driver().unrescue?.(unknownId),
        diagnostics: () => driver().diagnostics?.(unknownId),
      }
      const isOptional = !['start', 'stop', 'reboot'].includes(call)
      if (isOptional && !driver()[call]) return
      await expect(actions[call]()).rejects.toMatchObject({ kind: 'not-found' })
    },
  )
}
