import { beforeEach, describe, expect, it } from 'vitest'
import { add } from '../../../src/actions/webhook/add.ts'
import type { Notification } from '../../../src/model/notification.ts'
import { deliverTo } from '../../../src/notifications/deliver.ts'
import { follow } from '../../../src/notifications/follow.ts'
import { supervise } from '../../../src/notifications/supervise.ts'
import { aCloud, type Cloud } from '../../support/a-cloud.ts'
import { performed, recordsOf } from '../../support/a-context.ts'
import { boot } from '../../support/every-flow.ts'
import { toldBy } from '../../support/told.ts'
import { passed } from '../../support/turns.ts'

let cloud: Cloud
beforeEach(async () => {
  cloud = await aCloud()
  await performed(...boot, cloud.context)
})

/** Follows until `count` were taken, then dies before or after its position was kept. */
async function followed(after: string, count: number, isKept = true): Promise<{ ids: string[]; after: string }> {
  const { store, clock } = cloud.context
  const stop = new AbortController()
  const ids: string[] = []
  let kept = after
  const take = async ({ message_id }: Notification) => {
    ids.push(message_id)
    if (ids.length === count) setImmediate(() => stop.abort())
    return true
  }
  const save = async (position: string) => {
    if (isKept) kept = position
  }
  await follow({ store, clock, after, take, save, note: () => undefined }, stop.signal)
  return { ids, after: kept }
}

describe('a follower', () => {
  it('goes on where it was, and takes again what it could not note', async () => {
    const all = (await toldBy(cloud.context.store)).map(({ message_id }) => message_id)
    const first = await followed('0', all.length)
    expect(first.ids).toEqual(all)
    const crashed = await followed('0', all.length, false)
    expect(crashed.after).toBe('0')
    expect((await followed(crashed.after, all.length)).ids).toEqual(all)
  })

  it('is begun again after a fault, and ended when it is wanted no more', async () => {
    const { clock } = cloud.context
    const stop = new AbortController()
    const notes: string[] = []
    let begun = 0
    let isWanted = true
    const run = async (signal: AbortSignal) => {
      begun += 1
      if (begun < 3) throw new Error('the store is away')
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()))
    }
    const slow = { ...clock, sleep: async () => new Promise<void>((resolve) => setImmediate(resolve)) }
    const wanted = async () => (isWanted ? [{ key: 'bus', run }] : [])
    const ended = supervise({ wanted, clock: slow, note: (message) => void notes.push(message) }, stop.signal)
    await passed(() => begun === 3)
    expect(notes).toHaveLength(2)
    isWanted = false
    await passed(() => true)
    stop.abort()
    await ended
    expect(begun).toBe(3)
  })
})

describe('deliveries', () => {
  it('keep their position without an end of revisions that tell of themselves', async () => {
    const { context } = cloud
    await performed(add, { url: 'https://hooks.example.org/', type: 'compute.instance.create.*' }, context)
    await performed(boot[0], { ...Object(boot[1]), name: 'web-2' }, cloud.process(9))
    const [webhook] = await recordsOf(context.store, 'webhooks')
    if (!webhook) throw new Error('no webhook')
    const stop = new AbortController()
    const sent: string[] = []
    const post = async ({ notification }: { readonly notification: Notification }) => void sent.push(notification.event_type)
    const options = { ...context, post, settings: () => context.settings, note: () => undefined }
    const work = deliverTo(webhook, options, stop.signal)
    await passed(() => sent.length === 2)
    for (let turn = 0; turn < 50; turn += 1) await passed(() => true)
    const revision = await context.store.read(async (reader) => reader.revision)
    for (let turn = 0; turn < 50; turn += 1) await passed(() => true)
    expect(await context.store.read(async (reader) => reader.revision)).toBe(revision)
    stop.abort()
    await work
    expect(await recordsOf(context.store, 'webhooks')).toMatchObject([{ delivered: 2, lastError: null }])
  })
})
