/** Streams made of calls: whose they are, how many there may be, and what becomes of one whose client is gone. */
import { describe, expect, it } from 'vitest'
import { handover } from '../../../src/api/handover.ts'
import { limits } from '../../../src/api/limits.ts'
import type { Who } from '../../../src/api/peer.ts'
import { streams } from '../../../src/api/streams.ts'
import { Fault } from '../../../src/core/fault.ts'
import type { Clock } from '../../../src/core/ports.ts'
import { systemRandom } from '../../../src/system/random.ts'

const ann: Who = { userId: 'ann', projectId: 'web', roles: ['member'] }
const bob: Who = { userId: 'bob', projectId: 'web', roles: ['member'] }
const idleMs = 30_000

/** A clock that the test moves; whoever sleeps wakes when its time has come. */
function aClock() {
  let now = 0
  const sleepers = new Set<{ readonly until: number; readonly wake: () => void }>()
  const clock: Clock = {
    wall: () => now,
    monotonic: () => now,
    sleep: (ms) => new Promise((resolve) => sleepers.add({ until: now + ms, wake: resolve })),
    deadline: () => new AbortController().signal,
  }
  async function pass(ms: number) {
    now += ms
    for (const sleeper of [...sleepers]) {
      if (sleeper.until > now) continue
      sleepers.delete(sleeper)
      sleeper.wake()
    }
    // What was woken goes on in microtasks.
    await new Promise((resolve) => setImmediate(resolve))
  }
  return { clock, pass }
}

function aTable() {
  const { clock, pass } = aClock()
  const table = streams('console', idleMs, { clock, random: systemRandom })
  const ended: string[] = []
  const open = (owner: Who, name = 'one') => table.open(owner, { end: () => ended.push(name) })
  return { table, open, ended, pass }
}

describe('a stream', () => {
  it('ends when nobody asks for it, and not before', async () => {
    const { table, open, ended, pass } = aTable()
    const id = open(ann)
    await pass(idleMs - 1)
    table.find(id, ann)
    await pass(idleMs - 1)
    expect(ended).toEqual([])
    await pass(1)
    expect(ended).toEqual(['one'])
    expect(() => table.find(id, ann)).toThrow('there is no console')
  })

  it('is there for who opened it alone', () => {
    const { table, open } = aTable()
    const id = open(ann)
    expect(() => table.find(id, bob)).toThrow('there is no console')
    expect(() => table.find(id, { ...ann, projectId: 'ops' })).toThrow('there is no console')
    expect(table.find(id, { ...ann, roles: ['reader'] })).toBeDefined()
  })

  it('finds room for so many of a caller, and says when to come again', () => {
    const { table, open } = aTable()
    for (let index = 0; index < limits.streamsPerCaller; index++) {
      table.need(ann)
      open(ann)
    }
    expect(() => table.need(ann)).toThrow(expect.objectContaining({ kind: 'unreachable', details: { retryAfterSeconds: 30 } }))
    expect(() => table.need(bob)).not.toThrow()
  })

  it('finds room for so many in all', () => {
    const { table, open } = aTable()
    for (let index = 0; index < limits.streams; index++) open({ ...ann, userId: `user-${index}` })
    expect(() => table.need(bob)).toThrow('there is no room for another')
  })

  it('ends with the daemon', () => {
    const { table, open, ended } = aTable()
    open(ann)
    open(bob, 'two')
    table.close(new Fault('unreachable', 'the daemon is going down'))
    expect(ended).toEqual(['one', 'two'])
  })
})

describe('a handover', () => {
  it('lets who gives wait until it was taken', async () => {
    const parts = handover()
    const given: number[] = []
    const work = (async () => {
      for (const byte of [1, 2, 3]) {
        await parts.give(Uint8Array.of(byte))
        given.push(byte)
      }
      parts.finish()
    })()
    expect(await parts.take()).toEqual(Uint8Array.of(1))
    expect(given.length).toBeLessThan(2)
    expect([await parts.take(), await parts.take(), await parts.take()]).toEqual([Uint8Array.of(2), Uint8Array.of(3), undefined])
    await work
  })

  it('fails for who gives when nobody takes any more', async () => {
    const parts = handover()
    const waiting = parts.give(Uint8Array.of(1))
    parts.fail(new Fault('timeout', 'nobody asked'))
    await expect(waiting).rejects.toThrow('nobody asked')
    await expect(parts.give(Uint8Array.of(2))).rejects.toThrow('nobody asked')
  })
})
