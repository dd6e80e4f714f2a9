import { beforeEach, describe, expect, it } from 'vitest'
import type { Context } from '../../../../src/actions/context.ts'
import { listTasks } from '../../../../src/actions/periodic/list.ts'
import { runTasks } from '../../../../src/actions/periodic/run.ts'
import { periodicTasks } from '../../../../src/actions/periodic/tasks.ts'
import { reboot } from '../../../../src/actions/server/reboot.ts'
import { rescue } from '../../../../src/actions/server/rescue.ts'
import { resize } from '../../../../src/actions/server/resize.ts'
import { shelve } from '../../../../src/actions/server/shelve.ts'
import { loadAction } from '../../../../src/cli/load-action.ts'
import type { PeriodicView } from '../../../../src/model/periodic.ts'
import type { Settings } from '../../../../src/settings.ts'
import { aCloud, type Cloud } from '../../../support/a-cloud.ts'
import { faultOf, mallory, performed, recordsOf, seenBy } from '../../../support/a-context.ts'
import { boot } from '../../../support/every-flow.ts'
import { toldBy } from '../../../support/told.ts'

let cloud: Cloud
beforeEach(async () => {
  cloud = await aCloud()
  await performed(...boot, cloud.context)
})

const set = (settings: Partial<Settings>): Context => ({ ...cloud.context, settings: { ...cloud.context.settings, ...settings } })
const run = async (name: string, context: Context = cloud.context) =>
  ((await performed(runTasks, { tasks: [name] }, context)) as PeriodicView[])[0]
const listed = async (name: string, context: Context = cloud.context) =>
  ((await performed(listTasks, {}, context)) as PeriodicView[]).find((task) => task.name === name)
const server = async () => (await recordsOf(cloud.context.store, 'servers'))[0]
const hour = 3_600_000

describe('every periodic task', () => {
  it.each(periodicTasks)('$name names the action that it runs', async ({ action, load }) => {
    expect((await load()).name).toBe(action)
    expect(await loadAction(action)).toBe(await load())
  })

  it.each(periodicTasks)('$name runs by hand and leaves a record', async ({ name }) => {
    // Off, these have no age to go by.
    const ran = await run(name, set({ archiveAfterDays: 30, purgeHistoryAfterDays: 30 }))
    expect(ran).toMatchObject({ name, result: 'ok', runs: 1, failures: 0, actor: 'alice' })
    expect(await listed(name)).toMatchObject({ lastRunAt: expect.any(String), runs: 1 })
  })

  it('is for administrators, and unknown ones are refused with what is near', async () => {
    expect((await faultOf(runTasks, { tasks: ['sync_power_states'] }, seenBy(cloud.context, mallory))).kind).toBe('forbidden')
    const fault = await faultOf(runTasks, { tasks: ['_sync_power_state'] }, cloud.context)
    expect(fault).toMatchObject({ kind: 'not-found', hint: 'did you mean sync_power_states?' })
  })

  it('records its fault, and the next good run forgets it', async () => {
    const signal = AbortSignal.abort()
    expect((await faultOf(runTasks, { tasks: ['run_image_cache_manager_pass'] }, { ...cloud.context, signal })).kind).toBe(
      'timeout',
    )
    expect(await listed('run_image_cache_manager_pass')).toMatchObject({ result: 'timeout', failures: 1 })
    await run('run_image_cache_manager_pass')
    expect(await listed('run_image_cache_manager_pass')).toMatchObject({ result: 'ok', failures: 0, runs: 2 })
  })
})

describe('what they do', () => {
  it('a server that builds too long is given up, and can be deleted', async () => {
    const gate = new Promise(() => undefined)
    void performed(boot[0], { ...Object(boot[1]), name: 'slow' }, cloud.process(3, { paused: { method: 'spawn', gate } })).catch(
      () => undefined,
    )
    const slow = async () => (await recordsOf(cloud.context.store, 'servers')).find(({ name }) => name === 'slow')
    while ((await slow())?.taskState !== 'spawning') await new Promise((resolve) => setImmediate(resolve))
    const context = set({ instanceBuildTimeout: 600 })
    await run('check_instance_build_time', context)
    expect(await slow()).toMatchObject({ vmState: 'building' })
    cloud.context.clock.advance(hour)
    await run('check_instance_build_time', context)
    expect(await slow()).toMatchObject({ vmState: 'error', taskState: null, fault: { kind: 'timeout' } })
    expect((await server())?.vmState).toBe('active')
  })

  it('a reboot that hangs becomes a hard one', async () => {
    const gate = new Promise(() => undefined)
    void performed(reboot, { servers: ['web-1'] }, cloud.process(3, { paused: { method: 'reboot', gate } })).catch(
      () => undefined,
    )
    while ((await server())?.taskState !== 'rebooting') await new Promise((resolve) => setImmediate(resolve))
    cloud.context.clock.advance(hour)
    await run('poll_rebooting_instances', set({ rebootTimeout: 600 }))
    expect(await server()).toMatchObject({ vmState: 'active', taskState: null })
    const [hard] = (await recordsOf(cloud.context.store, 'flows')).filter(({ action }) => action === 'reboot-hard')
    expect(hard?.status).toBe('done')
  })

  it('a rescue ends after its time, not before', async () => {
    await performed(rescue, { server: 'web-1' }, cloud.context)
    const context = set({ rescueTimeout: 600 })
    await run('poll_rescued_instances', context)
    expect((await server())?.vmState).toBe('rescued')
    cloud.context.clock.advance(hour)
    await run('poll_rescued_instances', context)
    expect((await server())?.vmState).toBe('active')
  })

  it('a resize is confirmed, a shelved server leaves its host', async () => {
    await performed(resize, { server: 'web-1', flavor: 'm1.medium' }, cloud.context)
    cloud.context.clock.advance(hour)
    await run('poll_unconfirmed_resizes', set({ resizeConfirmWindow: 600 }))
    expect((await server())?.vmState).toBe('active')
    await performed(shelve, { servers: ['web-1'] }, set({ shelvedOffloadTime: 600 }))
    cloud.context.clock.advance(hour)
    await run('poll_shelved_instances', set({ shelvedOffloadTime: 600 }))
    expect((await server())?.vmState).toBe('shelved_offloaded')
  })

  it('the usage audit tells of every server once a period', async () => {
    const context = set({ instanceUsageAuditPeriod: 'hour' })
    cloud.context.clock.advance(hour)
    await run('instance_usage_audit', context)
    await run('instance_usage_audit', context)
    const exists = async () =>
      (await toldBy(cloud.context.store)).filter(({ event_type }) => event_type === 'compute.instance.exists')
    expect(await exists()).toMatchObject([
      {
        payload: {
          display_name: 'web-1',
          audit_period_beginning: '2026-01-01T00:00:00.000Z',
          audit_period_ending: '2026-01-01T01:00:00.000Z',
        },
      },
    ])
    cloud.context.clock.advance(hour)
    await run('instance_usage_audit', context)
    expect(await exists()).toHaveLength(2)
  })
})
