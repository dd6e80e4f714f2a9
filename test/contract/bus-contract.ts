/** What every bus does, whoever carries the messages. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Bus, Serve } from '../../src/bus/bus.ts'
import { asFault, Fault } from '../../src/core/fault.ts'
import { eventually } from '../support/eventually.ts'

export interface BusUnderTest {
  /** Who asks, and who answers: the same in one process. */
  readonly asking: Bus
  readonly answering: Bus
  close(): Promise<void>
}

const deadlineMs = 20_000

export function busContract(name: string, open: () => Promise<BusUnderTest>): void {
  describe(`bus ${name}`, () => {
    let bus: BusUnderTest
    let topics = 0
    beforeAll(async () => {
      bus = await open()
    })
    afterAll(() => bus.close())

    /** Serves a topic of its own and resolves once it is reached. */
    async function served(serve: Serve): Promise<string> {
      const topic = `compute.host${++topics}`
      bus.answering.serve(topic, async (message, ...rest) => (message.method === 'reached' ? true : serve(message, ...rest)))
      const reached = () => bus.asking.request(topic, { method: 'reached', args: null }, { deadlineMs })
      await eventually(`${topic} is served`, () => reached().then(Boolean, () => false))
      return topic
    }

    it('brings the answer, serialised', async () => {
      const topic = await served(async ({ args }) => ({ args, nothing: undefined }))
      const args = { list: [1, null, 'ä'], at: new Date(0) }
      const answer = await bus.asking.request(topic, { method: 'echo', args }, { deadlineMs })
      expect(answer).toEqual({ args: { list: [1, null, 'ä'], at: '1970-01-01T00:00:00.000Z' } })
    })

    it('answers null for nothing', async () => {
      const topic = await served(async () => undefined)
      expect(await bus.asking.request(topic, { method: 'go', args: null }, { deadlineMs })).toBeNull()
    })

    it('brings bytes as they are', async () => {
      const bytes = Uint8Array.from({ length: 300_000 }, (_, index) => index % 251)
      const topic = await served(async () => Buffer.from(bytes))
      const answer = await bus.asking.request(topic, { method: 'go', args: null }, { deadlineMs })
      expect(answer).toBeInstanceOf(Uint8Array)
      expect(Buffer.compare(Buffer.from(Object(answer)), bytes)).toBe(0)
    })

    it('brings faults back as faults', async () => {
      const topic = await served(async () => {
        throw new Fault('over-quota', 'too many', { hint: 'fewer', details: { limit: 3 } })
      })
      const fault = await bus.asking.request(topic, { method: 'go', args: null }, { deadlineMs }).catch((error) => error)
      expect(fault).toBeInstanceOf(Fault)
      expect(asFault(fault).toJSON()).toEqual({ kind: 'over-quota', message: 'too many', hint: 'fewer', details: { limit: 3 } })
    })

    it('calls other errors internal', async () => {
      const topic = await served(async () => {
        throw new TypeError('broken')
      })
      const asked = bus.asking.request(topic, { method: 'go', args: null }, { deadlineMs })
      await expect(asked).rejects.toMatchObject({ kind: 'internal', message: 'broken' })
    })

    it('says that nobody serves a topic', async () => {
      const asked = bus.asking.request('compute.nobody', { method: 'go', args: null }, { deadlineMs })
      await expect(asked).rejects.toMatchObject({ kind: 'unreachable', message: 'nobody serves compute.nobody' })
    })

    it('brings reports in order, before the answer', async () => {
      const topic = await served(async (_, __, report) => {
        for (let step = 1; step <= 20; step++) report({ step })
        return 'done'
      })
      const seen: unknown[] = []
      await bus.asking.request(topic, { method: 'go', args: null }, { deadlineMs, onProgress: (report) => seen.push(report) })
      expect(seen).toEqual(Array.from({ length: 20 }, (_, index) => ({ step: index + 1 })))
    })

    it('ends with timeout at its deadline, and tells the server', async () => {
      let stopped = false
      const topic = await served(async (_, signal) => {
        await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
        stopped = true
        throw signal.reason
      })
      const asked = bus.asking.request(topic, { method: 'wait', args: null }, { deadlineMs: 300 })
      await expect(asked).rejects.toMatchObject({ kind: 'timeout' })
      await eventually('the server is told', async () => stopped)
    })

    it('tells the server when the caller gives up', async () => {
      let stopped = false
      let begun = false
      const topic = await served(async (_, signal) => {
        begun = true
        await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
        stopped = true
      })
      const caller = new AbortController()
      const asked = bus.asking.request(topic, { method: 'wait', args: null }, { deadlineMs, signal: caller.signal })
      const outcome = asked.catch((error) => error)
      await eventually('it begins', async () => begun)
      caller.abort()
      expect(await outcome).toMatchObject({ kind: 'conflict' })
      await eventually('the server is told', async () => stopped)
    })

    it('works many requests at once and mixes up none', async () => {
      const topic = await served(async ({ args }) => args)
      const asked = Array.from({ length: 200 }, (_, index) =>
        bus.asking.request(topic, { method: 'echo', args: index }, { deadlineMs }),
      )
      expect(await Promise.all(asked)).toEqual(Array.from({ length: 200 }, (_, index) => index))
    })

    it('carries a megabyte', async () => {
      const topic = await served(async ({ args }) => String(args).length)
      expect(await bus.asking.request(topic, { method: 'length', args: 'x'.repeat(1 << 20) }, { deadlineMs })).toBe(1 << 20)
    })
  })
}
