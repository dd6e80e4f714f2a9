/** What operations make of messages and answers that are lost or too late. */
import { beforeAll, describe, expect, it } from 'vitest'
import { create } from '../../../src/actions/server/create.ts'
import { localBus } from '../../../src/bus/local.ts'
import { Fault } from '../../../src/core/fault.ts'
import type { Elsewhere } from '../../../src/flows/runner.ts'
import { aCloud, type Cloud, guestsOn } from '../../support/a-cloud.ts'
import { faultOf, performed } from '../../support/a-context.ts'
import { findingsOf } from '../../support/broken-steps.ts'
import { virtualClock } from '../../support/virtual-clock.ts'

const boot = { name: 'web-1', image: 'cirros', flavor: 'm1.small' }
/** The first boot of a process loads a module, for which a virtual clock does not wait. */
beforeAll(async () => void (await performed(create, boot, (await aCloud()).context)))

const never = () => new Promise<never>(() => undefined)

describe('a conductor whose answer is lost', () => {
  const clock = virtualClock()
  /** It works the flow and is not heard. */
  const unheard =
    (cloud: Cloud): Elsewhere =>
    (id) =>
      cloud.process(7).flows.attend(id).then(never, never)
  async function ended<T>(work: Promise<T>): Promise<T> {
    let isOver = false
    work
      .catch(() => undefined)
      .finally(() => {
        isOver = true
      })
    expect(await clock.pass(() => isOver, 60_000)).toBe(true)
    return work
  }

  it('keeps nobody waiting: the record tells the end', async () => {
    const cloud = await aCloud(['host-a'], { clock })
    const api = cloud.process(8, { elsewhere: unheard(cloud) })
    expect(await ended(performed(create, boot, api))).toMatchObject({ status: 'ACTIVE' })
  })

  it('keeps no fault back either', async () => {
    const cloud = await aCloud(['host-a'], { clock })
    await cloud.misbehave('host-a', [{ call: 'spawn', mode: 'fail' }])
    const api = cloud.process(8, { elsewhere: unheard(cloud) })
    expect(await ended(faultOf(create, boot, api))).toMatchObject({ kind: 'no-valid-host' })
  })

  it('is told when its caller knows the end', async () => {
    const cloud = await aCloud(['host-a'], { clock })
    let wasTold = false
    const elsewhere: Elsewhere = async (id, _, signal) => {
      signal.addEventListener('abort', () => {
        wasTold = true
      })
      await cloud.process(7).flows.attend(id)
      return never()
    }
    await ended(performed(create, boot, cloud.process(8, { elsewhere })))
    expect(wasTold).toBe(true)
  })
})

describe('a call that arrives after its deadline', () => {
  it('changes nothing once its operation was turned back', async () => {
    const late: (() => Promise<unknown>)[] = []
    const cloud = await aCloud(['host-a'], {
      busOf: (_, agentOf) => {
        const inner = localBus({ clock: virtualClock(), resolve: agentOf })
        return {
          ...inner,
          request: async (topic, message, options) => {
            if (message.method !== 'spawn') return inner.request(topic, message, options)
            late.push(() => inner.request(topic, message, options))
            throw new Fault('timeout', `spawn on ${topic} did not answer within 60 s`)
          },
        }
      },
    })
    expect(await faultOf(create, boot, cloud.context)).toMatchObject({ kind: 'no-valid-host' })
    expect(late.length).toBeGreaterThan(0)
    for (const arrive of late) await expect(arrive()).rejects.toMatchObject({ kind: 'conflict' })
    expect(await guestsOn(cloud.hosts.get('host-a'))).toEqual([])
    expect(await findingsOf(cloud)).toEqual([])
  })
})

describe('a boot that is asked for again', () => {
  it('fails at once while its operation is blocked', async () => {
    const cloud = await aCloud(['host-a'])
    await cloud.misbehave('host-a', [
      { call: 'spawn', mode: 'fail' },
      { call: 'destroy', mode: 'fail' },
    ])
    const again = { ...boot, idempotencyKey: 'k-1' }
    expect(await faultOf(create, again, cloud.context)).toMatchObject({ message: expect.stringMatching(/^cannot undo/) })
    const context = { ...cloud.context, requestId: 'req-2' }
    expect(await faultOf(create, again, context)).toMatchObject({ message: expect.stringMatching(/^cannot undo/) })
  })
})
