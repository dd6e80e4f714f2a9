/** The part of the contract of drivers about guests that stand still: paused, or with their memory on disk. */
import { expect, it } from 'vitest'
import type { Driver, GuestSpec } from '../../src/drivers/driver.ts'

/** What the cases of one driver share: a driver as a new process would make it, and guests of their own. */
export interface OwnGuest {
  driver(): Driver
  powerState(id: string): Promise<string | undefined>
  spawned(): Promise<GuestSpec>
}

/** Guests that pause; left out for a driver that cannot. */
export function haltsOf({ driver, powerState, spawned }: OwnGuest) {
  it('tells of a guest that ends, and of none when none did', async ({ skip }) => {
    if (!driver().awaitChange) skip()
    const { id } = await spawned()
    const { signal } = new AbortController()
    let isTold: boolean | undefined
    const told = driver().awaitChange?.(100_000, signal)
    void told?.then((answer) => {
      isTold = answer
    })
    // It is told of what ends once it listens: a guest that ends again and again is noticed by then.
    for (let round = 0; round < 60 && isTold === undefined; round += 1) {
      await driver().start(id)
      for (let look = 0; look < 20; look += 1) await driver().list()
      await driver().stop(id, { timeoutMs: 0 })
    }
    expect(await told).toBe(true)
    expect(await driver().awaitChange?.(1000, signal)).toBe(false)
    await driver().destroy(id)
  })

  it('pauses and goes on, each twice', async ({ skip }) => {
    if (!driver().pause) skip()
    const { id } = await spawned()
    await driver().pause?.(id)
    await driver().pause?.(id)
    expect(await powerState(id)).toBe('paused')
    await driver().unpause?.(id)
    await driver().unpause?.(id)
    expect(await powerState(id)).toBe('running')
    await driver().destroy(id)
  })

  it('stops a paused guest', async ({ skip }) => {
    if (!driver().pause) skip()
    const { id } = await spawned()
    await driver().pause?.(id)
    await driver().stop(id, { timeoutMs: 50 })
    expect(await powerState(id)).toBe('shutdown')
    await driver().destroy(id)
  })
}

/** Guests that are suspended; left out for a driver that cannot. */
export function memoryOf({ driver, powerState, spawned }: OwnGuest) {
  it('suspends and resumes, each twice, and again', async ({ skip }) => {
    if (!driver().suspend) skip()
    const { id } = await spawned()
    for (let round = 0; round < 2; round += 1) {
      await driver().suspend?.(id)
      await driver().suspend?.(id)
      expect(await powerState(id)).toBe('suspended')
      expect((await driver().list()).map((state) => state.powerState)).toEqual(['suspended'])
      await driver().resume?.(id)
      await driver().resume?.(id)
      expect(await powerState(id)).toBe('running')
    }
    await driver().destroy(id)
  })

  it('boots a suspended guest afresh when it is started', async ({ skip }) => {
    if (!driver().suspend) skip()
    const { id } = await spawned()
    await driver().suspend?.(id)
    await driver().start(id)
    expect(await powerState(id)).toBe('running')
    await driver().stop(id, { timeoutMs: 0 })
    expect(await powerState(id)).toBe('shutdown')
    await driver().destroy(id)
  })
}
