import { describe, expect, it } from 'vitest'
import { create } from '../../../src/actions/server/create.ts'
import { lock } from '../../../src/actions/server/lock.ts'
import { rename } from '../../../src/actions/server/rename.ts'
import { resize } from '../../../src/actions/server/resize.ts'
import { notification } from '../../../src/model/notification.ts'
import { lifecycleOf } from '../../../src/notifications/event-types.ts'
import { aCloud } from '../../support/a-cloud.ts'
import { performed } from '../../support/a-context.ts'
import { unwindsFromStep } from '../../support/broken-steps.ts'
import { before, begin, boot, everyFlow, hostsFor } from '../../support/every-flow.ts'
import { toldBy, typesOf } from '../../support/told.ts'

const typed = (word: string) => `compute.instance.${word}`

describe.each(everyFlow.map(({ name, action }) => ({ name, ...lifecycleOf(action) })))('$name', ({ name, start, end, error }) => {
  it('tells its start and its end, once each', async () => {
    const cloud = await aCloud(hostsFor(name))
    await before(name, cloud)
    const { store } = cloud.context
    const since = await store.read(async (reader) => String(reader.revision))
    await begin(name, cloud.context)
    const told = await toldBy(store, since)
    const types = typesOf(told)
    expect(types.filter((type) => type === typed(start))).toHaveLength(1)
    expect(types.filter((type) => type === typed(end))).toHaveLength(1)
    expect(types.indexOf(typed(start))).toBeLessThan(types.indexOf(typed(end)))
    expect(types).not.toContain(typed(error))
    for (const each of told) expect(notification.parse(each)).toEqual(each)
  })

  it('tells its failure with the reason', async () => {
    const { cloud } = await unwindsFromStep({ flow: name, index: 0, when: 'before' })
    const failed = (await toldBy(cloud.context.store)).filter(({ event_type }) => event_type === typed(error))
    expect(failed).toHaveLength(1)
    expect(failed[0]).toMatchObject({ priority: 'ERROR', payload: { message: expect.stringContaining('inject') } })
    expect(failed[0]?.payload.instance_id).toBeTruthy()
  })
})

describe('notifications', () => {
  it('carry the fields of Nova and who asked', async () => {
    const { context } = await aCloud()
    await performed(...boot, context)
    const ends = (await toldBy(context.store)).filter(({ event_type }) => event_type === typed('create.end'))
    expect(ends).toEqual([
      expect.objectContaining({
        priority: 'INFO',
        publisher_id: expect.stringMatching(/^compute\.host-[ab]$/),
        request_id: 'req-1',
        user_id: 'alice',
        payload: expect.objectContaining({
          tenant_id: 'p1',
          display_name: 'web-1',
          state: 'active',
          state_description: '',
          memory_mb: 2048,
          vcpus: 1,
          instance_type: 'm1.small',
        }),
      }),
    ])
  })

  it('tell every state that a boot goes through with the one before', async () => {
    const { context } = await aCloud()
    await performed(...boot, context)
    const updates = (await toldBy(context.store)).filter(({ event_type }) => event_type === typed('update'))
    const tasks = updates.map(({ payload }) => [payload.old_task_state, payload.new_task_state])
    for (const [index, [old]] of tasks.entries()) if (index > 0) expect(old).toBe(tasks[index - 1]?.[1])
    expect(updates.at(-1)?.payload).toMatchObject({ old_state: 'building', state: 'active', new_task_state: null })
  })

  it('never hold user data', async () => {
    const { context } = await aCloud()
    const secret = Buffer.from('#!/bin/sh\necho hush-hush').toString('base64')
    await performed(create, { name: 'web-1', image: 'cirros', flavor: 'm1.small', userData: secret }, context)
    const text = JSON.stringify(await toldBy(context.store))
    expect(text).not.toContain('hush')
    expect(text).not.toContain(secret)
  })

  it('tell how far a resize is', async () => {
    const { context } = await aCloud()
    await performed(...boot, context)
    await performed(resize, { server: 'web-1', flavor: 'm1.medium' }, context)
    const types = typesOf(await toldBy(context.store)).filter((type) => type.includes('resize'))
    expect(types).toEqual(
      ['resize.prep.start', 'resize.prep.end', 'resize.start', 'resize.end', 'finish_resize.start', 'finish_resize.end'].map(
        typed,
      ),
    )
  })

  it('are the same wherever one begins', async () => {
    const { context } = await aCloud()
    await performed(...boot, context)
    await performed(rename, { server: 'web-1', name: '__proto__' }, context)
    await performed(lock, { server: '__proto__', reason: 'mine' }, context)
    const all = await toldBy(context.store)
    expect(new Set(all.map(({ message_id }) => message_id)).size).toBe(all.length)
    for (const [index, { message_id }] of all.entries())
      expect(await toldBy(context.store, message_id), message_id).toEqual(all.slice(index + 1))
    expect(typesOf(all)).toContain(typed('lock'))
    expect(all.some(({ payload }) => payload.old_display_name === 'web-1')).toBe(true)
  })

  it('tell a boot that found no host', async () => {
    const { context } = await aCloud([])
    await expect(performed(...boot, context)).rejects.toThrow()
    const refused = (await toldBy(context.store)).filter(({ priority }) => priority === 'ERROR')
    expect(typesOf(refused)).toEqual(['compute_task.build_instances'])
    expect(refused[0]?.payload).toMatchObject({ display_name: 'web-1', exception: expect.any(String) })
  })
})
