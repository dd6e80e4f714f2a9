/** The bus over a real broker: the contract, and what only a broker can do wrong. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openRabbitBus, type RabbitBus } from '../../src/bus/rabbitmq.ts'
import { wireVersion } from '../../src/bus/rabbitmq-wire.ts'
import { systemClock as clock } from '../../src/system/clock.ts'
import { systemFs as fs } from '../../src/system/fs.ts'
import { systemRandom as random } from '../../src/system/random.ts'
import { busContract } from '../contract/bus-contract.ts'
import { eventually } from '../support/eventually.ts'
import { type RabbitMq, rabbitObstacle, startRabbitMq } from '../support/rabbitmq.ts'
import { publishRaw, takeRaw } from '../support/raw-message.ts'

/** A broker on a busy machine takes a minute to start. */
const deadlineMs = 170_000

describe.skipIf(rabbitObstacle())('RabbitMQ', () => {
  let broker: RabbitMq
  const open = () => openRabbitBus({ url: broker.url, clock, random, fs })
  beforeAll(async () => {
    broker = await startRabbitMq()
  })
  afterAll(() => broker?.close())

  busContract('over RabbitMQ', async () => {
    const [asking, answering] = await Promise.all([open(), open()])
    return { asking, answering, close: async () => void (await Promise.all([asking.close(), answering.close()])) }
  })

  describe('messages', () => {
    let one: RabbitBus
    let other: RabbitBus
    beforeAll(async () => {
      ;[one, other] = await Promise.all([open(), open()])
    })
    afterAll(() => Promise.all([one.close(), other.close()]))
    const reach = (topic: string) =>
      eventually(`${topic} is served`, () =>
        one.request(topic, { method: 'hello', args: null }, { deadlineMs }).then(Boolean, () => false),
      )

    it('that nobody answers wait for whoever reads them', async () => {
      const told = { message_id: '7.0', event_type: 'compute.instance.create.end', payload: { display_name: 'web-1' } }
      await one.publish?.('notifications.info', told, told.message_id)
      expect(await takeRaw(broker.url, 'notifications.info')).toEqual({ id: '7.0', body: told })
    })

    it('about images fail at once when their service is gone, and others wait for theirs', async () => {
      const gone = await open()
      for (const topic of ['images.ctl1', 'compute.lonely']) {
        gone.serve(topic, async () => 'yes')
        await reach(topic)
      }
      await gone.close()
      const asked = (topic: string, ms: number) => one.request(topic, { method: 'size', args: null }, { deadlineMs: ms })
      await expect(asked('images.ctl1', deadlineMs)).rejects.toMatchObject({ kind: 'unreachable' })
      const waits = asked('compute.lonely', deadlineMs)
      other.serve('compute.lonely', async () => 'later')
      expect(await waits).toBe('later')
    })

    it('that come twice have one effect', async () => {
      const effects: unknown[] = []
      other.serve('compute.twice', async ({ method, args }) => {
        if (method === 'count') effects.push(args)
        return 'yes'
      })
      await reach('compute.twice')
      const id = random.uuid()
      for (let time = 0; time < 3; time++) await publishRaw(broker.url, 'compute.twice', { method: 'count', args: 7 }, id)
      await eventually('it came three times', async () => other.counts.repeated === 2)
      expect(effects).toEqual([7])
    })

    it('that cannot be read are put aside, and retried when asked', async () => {
      other.serve('compute.poison', async () => 'yes')
      await reach('compute.poison')
      await publishRaw(broker.url, 'compute.poison', 'not a request', 'bad-1')
      const [dead] = await eventually('it is aside', async () => {
        const messages = await one.queues.peek(10)
        return messages.length > 0 && messages
      })
      expect(dead).toMatchObject({ id: 'bad-1', topic: 'compute.poison', reason: 'rejected', body: '"not a request"' })
      const before = other.counts.unreadable
      expect(await one.queues.retry(['bad-1'], 10)).toHaveLength(1)
      await eventually('it was tried again', async () => other.counts.unreadable === before + 1)
      expect(await one.request('compute.poison', { method: 'hello', args: null }, { deadlineMs })).toBe('yes')
    })

    it('of the version before are worked, and of a newer one refused to who sent them', async () => {
      const older = await openRabbitBus({ url: broker.url, clock, random, fs, version: wireVersion - 1 })
      older.serve('compute.older', async () => 'older')
      other.serve('compute.newer', async () => 'newer')
      const ask = (bus: RabbitBus, topic: string) => bus.request(topic, { method: 'hello', args: null }, { deadlineMs })
      // Until it is told that all read more, a bus sends the version before its own.
      expect(one.speaks).toBe(wireVersion - 1)
      await reach('compute.older')
      await reach('compute.newer')
      expect(await ask(older, 'compute.newer')).toBe('newer')
      one.speak?.(wireVersion)
      expect(await ask(one, 'compute.newer')).toBe('newer')
      await expect(ask(one, 'compute.older')).rejects.toMatchObject({
        kind: 'unsupported',
        message: `a message of version ${wireVersion} came to a service that reads 1 to ${wireVersion - 1}`,
      })
      one.speak?.(1)
      expect(await ask(one, 'compute.older')).toBe('older')
      await older.close()
    })

    it('of one host go to one worker, and to the next one when it ends', async () => {
      const first = await open()
      first.serve('compute.single', async () => 'first')
      await reach('compute.single')
      other.serve('compute.single', async () => 'other')
      const ask = () => one.request('compute.single', { method: 'who', args: null }, { deadlineMs })
      expect(new Set(await Promise.all(Array.from({ length: 20 }, ask)))).toEqual(new Set(['first']))
      await first.close()
      expect(await ask()).toBe('other')
    })
  })
})
