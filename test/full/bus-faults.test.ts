/** What a broker does wrong for a while: it takes no messages, or it is gone and comes back. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openRabbitBus, type RabbitBus } from '../../src/bus/rabbitmq.ts'
import { systemClock as clock } from '../../src/system/clock.ts'
import { systemFs as fs } from '../../src/system/fs.ts'
import { systemRandom as random } from '../../src/system/random.ts'
import { eventually } from '../support/eventually.ts'
import { type RabbitMq, rabbitObstacle, startRabbitMq } from '../support/rabbitmq.ts'

/** A broker on a busy machine takes a minute to start. */
const deadlineMs = 170_000

describe.skipIf(rabbitObstacle())('messages over RabbitMQ', () => {
  let broker: RabbitMq
  let one: RabbitBus
  let other: RabbitBus
  const open = () => openRabbitBus({ url: broker.url, clock, random, fs })
  beforeAll(async () => {
    broker = await startRabbitMq()
    ;[one, other] = await Promise.all([open(), open()])
  })
  afterAll(async () => {
    await Promise.all([one?.close(), other?.close()])
    await broker?.close()
  })
  const reach = (topic: string) =>
    eventually(`${topic} is served`, () =>
      one.request(topic, { method: 'hello', args: null }, { deadlineMs }).then(Boolean, () => false),
    )

  it('fail with timeout while the broker takes none, and pass again after', async () => {
    other.serve('compute.choked', async () => 'yes')
    await reach('compute.choked')
    broker.block(true)
    try {
      const asked = one.request('compute.choked', { method: 'go', args: null }, { deadlineMs: 1500 })
      await expect(asked).rejects.toMatchObject({ kind: 'timeout' })
    } finally {
      broker.block(false)
    }
    await reach('compute.choked')
  })

  it('survive the broker, which is found again', async () => {
    let effects = 0
    let release: () => void = () => undefined
    other.serve('compute.lasting', async ({ method }) => {
      if (method === 'wait') {
        effects += 1
        await new Promise<void>((resolve) => {
          release = resolve
        })
      }
      return 'yes'
    })
    await reach('compute.lasting')
    // RabbitMQ writes the name of a new replicated queue with its next autosave, after 500 ms. A broker that is killed before
    // comes back with the queue empty and without a leader, for ever when it is the only node (rabbitmq-server#15725; ADR 19).
    await eventually('the queue is on the disk', async () => broker.keeps('compute.lasting'))
    const asked = one.request('compute.lasting', { method: 'wait', args: null }, { deadlineMs })
    await eventually('it is under way', async () => effects === 1)
    await broker.kill9()
    release()
    const meanwhile = one.request('compute.lasting', { method: 'hello', args: null }, { deadlineMs })
    await broker.start()
    const up = performance.now()
    expect(await Promise.all([asked, meanwhile])).toEqual(['yes', 'yes'])
    // Seconds on a quiet machine. A try that meets a queue without a leader is given up after 15 s, and the next one finds it.
    expect(performance.now() - up).toBeLessThan(60_000)
    expect(effects).toBe(1)
  })
})
