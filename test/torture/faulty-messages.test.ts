/** R15 in memory, and proof that it would find a bus without duplicate suppression. */
import { describe, expect, it } from 'vitest'
import { localBus } from '../../src/bus/local.ts'
import { openRabbitBus } from '../../src/bus/rabbitmq.ts'
import { systemFs as fs } from '../../src/system/fs.ts'
import { systemRandom as random } from '../../src/system/random.ts'
import { virtualClock } from '../support/virtual-clock.ts'
import { holds } from './holds.ts'
import type { Fate } from './messages/fates.ts'
import { memoryBroker } from './messages/memory-broker.ts'
import { inOneProcess, overMemory } from './rows/faulty-messages.ts'
import type { Trial } from './runner/row.ts'
import { seeded } from './runner/seeded.ts'

describe('messages that are lost, doubled, late and reordered', () => {
  it('leave a cloud in memory as its records say', () => holds('R15', { runs: 20, only: 'messages are' }))

  it.each([
    ['in one process', inOneProcess],
    ['over a broker', overMemory],
  ] as const)('are found to have two effects where copies are not recognised, %s', async (_, run) => {
    const found: string[] = []
    for (let seed = 1; seed <= 10 && found.length === 0; seed += 1) {
      const judge = (_held: unknown, findings: readonly string[]) => found.push(...findings)
      const trial = { seed, random: seeded(seed), fired() {}, checked() {}, mark() {}, judge } satisfies Trial as Trial
      await run(trial, { copiesAreUnknown: true })
    }
    expect(found).toContainEqual(expect.stringMatching(/^IDEM .* worked request \d+ \(\w.*\) [23] times$/))
  })
})

describe('an answer that nobody waits for any more', () => {
  const clock = virtualClock()
  const hello = { method: 'hello', args: null }

  it('is counted by the bus of one process', async () => {
    const bus = localBus({ clock })
    bus.serve('compute.slow', async () => clock.sleep(2000))
    const asked = bus.request('compute.slow', hello, { deadlineMs: 1000 }).catch((error: unknown) => error)
    await clock.pass(() => false, 5000)
    expect(await asked).toMatchObject({ kind: 'timeout' })
    expect(bus.counts.late).toBe(1)
  })

  async function asks(fateOfAnswers: Fate) {
    const fate = ({ options }: { options: { type?: string | undefined } }) => (options.type === 'answer' ? fateOfAnswers : [0])
    const broker = memoryBroker({ clock, fate })
    const open = (name: string) => openRabbitBus({ url: 'amqp://127.0.0.1', clock, random, fs, connect: broker.connect(name) })
    const [one, other] = [await open('one'), await open('other')]
    other.serve('compute.a', async () => 'yes')
    const asked = one.request('compute.a', hello, { deadlineMs: 1000 }).catch((error: unknown) => error)
    await clock.pass(() => false, 5000)
    return { answer: await asked, counts: one.counts }
  }

  it('is counted by the bus over a broker', async () => {
    expect(await asks([2000])).toMatchObject({ answer: { kind: 'timeout' }, counts: { late: 1 } })
  })

  it('is counted when it is a copy that comes in the same moment', async () => {
    expect(await asks([0, 0])).toMatchObject({ answer: 'yes', counts: { late: 1 } })
  })
})
