/** Every action on a server in every state: allowed or refused as Nova's table says, and a refusal changes nothing. */
import { describe, expect, it } from 'vitest'
import { create } from '../../../../src/actions/server/create.ts'
import { remove } from '../../../../src/actions/server/delete.ts'
import { lock } from '../../../../src/actions/server/lock.ts'
import { pause } from '../../../../src/actions/server/pause.ts'
import { reboot } from '../../../../src/actions/server/reboot.ts'
import { rebuild } from '../../../../src/actions/server/rebuild.ts'
import { rename } from '../../../../src/actions/server/rename.ts'
import { rescue } from '../../../../src/actions/server/rescue.ts'
import { resetState } from '../../../../src/actions/server/reset-state.ts'
import { restore } from '../../../../src/actions/server/restore.ts'
import { resume } from '../../../../src/actions/server/resume.ts'
import { set } from '../../../../src/actions/server/set.ts'
import { start } from '../../../../src/actions/server/start.ts'
import { stop } from '../../../../src/actions/server/stop.ts'
import { suspend } from '../../../../src/actions/server/suspend.ts'
import { unlock } from '../../../../src/actions/server/unlock.ts'
import { unpause } from '../../../../src/actions/server/unpause.ts'
import { unrescue } from '../../../../src/actions/server/unrescue.ts'
import type { AnyAction } from '../../../../src/core/action.ts'
import type { Server } from '../../../../src/model/server.ts'
import { type TaskState, taskStates, type VmState, vmStates } from '../../../../src/model/states.ts'
import { aCloud } from '../../../support/a-cloud.ts'
import { faultOf, performed, type TestContext } from '../../../support/a-context.ts'

interface Row {
  readonly verb: string
  readonly action: AnyAction
  readonly input: object
  readonly from: readonly VmState[]
  /** Task states that it may interrupt. */
  readonly interrupts?: readonly TaskState[]
  /** What the server is afterwards. */
  readonly to: VmState
}

const many = { servers: ['web-1'] }
const one = { server: 'web-1' }
const hardReboot: readonly TaskState[] = ['rebooting', 'rebooting_hard', 'resuming', 'unpausing', 'pausing', 'suspending']

const table: readonly Row[] = [
  { verb: 'stop', action: stop, input: many, from: ['active', 'rescued', 'error'], to: 'stopped' },
  { verb: 'start', action: start, input: many, from: ['stopped'], to: 'active' },
  { verb: 'reboot', action: reboot, input: many, from: ['active'], to: 'active' },
  {
    verb: 'reboot --hard',
    action: reboot,
    input: { ...many, hard: true },
    from: ['active', 'stopped', 'paused', 'suspended', 'error'],
    interrupts: hardReboot,
    to: 'active',
  },
  { verb: 'rebuild', action: rebuild, input: one, from: ['active', 'stopped', 'error'], to: 'active' },
  { verb: 'pause', action: pause, input: many, from: ['active', 'rescued'], to: 'paused' },
  { verb: 'unpause', action: unpause, input: many, from: ['paused'], to: 'active' },
  { verb: 'suspend', action: suspend, input: many, from: ['active', 'rescued'], to: 'suspended' },
  { verb: 'resume', action: resume, input: many, from: ['suspended'], to: 'active' },
  { verb: 'rescue', action: rescue, input: one, from: ['active', 'stopped', 'error'], to: 'rescued' },
  { verb: 'restore', action: restore, input: many, from: ['soft-delete'], to: 'active' },
  { verb: 'unrescue', action: unrescue, input: many, from: ['rescued'], to: 'active' },
]

/** A real guest whose record is then put into the state. */
async function serverIn(change: Partial<Server>): Promise<TestContext> {
  const { context } = await aCloud(['host-a'])
  await performed(create, { name: 'web-1', image: 'cirros', flavor: 'm1.tiny' }, context)
  await context.store.transaction({ actor: 'test', request: 'req-0', action: 'given' }, async (tx) => {
    const [server] = await tx.list('servers')
    if (server) await tx.update('servers', { ...server, ...change })
  })
  return context
}

const recordOf = async ({ store }: TestContext) => (await store.read((reader) => reader.list('servers')))[0]
const states = vmStates.filter((state) => state !== 'deleted')

describe.each(table)('$verb', ({ verb, action, input, from, interrupts = [], to }) => {
  it.each(states.filter((state) => from.includes(state)))('is allowed from %s', async (vmState) => {
    const context = await serverIn({ vmState })
    await performed(action, input, context)
    const after = verb === 'rebuild' && vmState === 'stopped' ? 'stopped' : to
    expect(await recordOf(context)).toMatchObject({ vmState: after, taskState: null })
  })

  it.each(states.filter((state) => !from.includes(state)))('is refused from %s', async (vmState) => {
    const context = await serverIn({ vmState })
    const before = await recordOf(context)
    const fault = await faultOf(action, input, context)
    expect(fault).toMatchObject({ kind: 'conflict', hint: expect.stringContaining(from[0] ?? '') })
    expect(fault.message).toMatch(/^cannot .* server web-1: it is [A-Z_]+ \(/)
    expect(await recordOf(context)).toEqual(before)
  })

  it.each(taskStates.filter((task) => !interrupts.includes(task)))('is refused while %s', async (taskState) => {
    const [vmState = 'active'] = from
    const context = await serverIn({ vmState, taskState })
    const before = await recordOf(context)
    expect(await faultOf(action, input, context)).toMatchObject({ kind: 'conflict', hint: 'wait for it: nova wait web-1' })
    expect(await recordOf(context)).toEqual(before)
  })

  it.runIf(interrupts.length > 0).each(interrupts)('is allowed while %s', async (taskState) => {
    const context = await serverIn({ vmState: 'active', taskState })
    await performed(action, input, context)
    expect(await recordOf(context)).toMatchObject({ vmState: to, taskState: null })
  })
})

describe('a lock', () => {
  const others = [
    ...table,
    { verb: 'rename', action: rename, input: { ...one, name: 'web-2' } },
    { verb: 'set', action: set, input: { ...one, metadata: [['a', 'b']] } },
    { verb: 'delete', action: remove, input: many },
  ]

  it.each(others)('refuses $verb', async ({ action, input }) => {
    const context = await serverIn({})
    await performed(lock, { ...one, reason: 'audit' }, context)
    const before = await recordOf(context)
    const fault = await faultOf(action, input, context)
    expect(fault).toMatchObject({
      kind: 'conflict',
      hint: 'nova unlock web-1',
      message: expect.stringContaining('locked by its owner: audit'),
    })
    expect(await recordOf(context)).toEqual(before)
  })

  it('is taken away by a member of its project', async () => {
    const context = await serverIn({})
    const member = { ...context, roles: ['member' as const] }
    await performed(lock, one, member)
    expect(await performed(unlock, one, member)).toMatchObject({ lockedBy: null })
  })

  it('of an administrator is taken away by administrators alone', async () => {
    const context = await serverIn({})
    const [admin, member] = [
      { ...context, projectId: 'operators' },
      { ...context, roles: ['member' as const] },
    ]
    expect(await performed(lock, { ...one, reason: 'audit' }, admin)).toMatchObject({ lockedBy: 'admin' })
    for (const [action, input] of [
      [unlock, one],
      [lock, one],
    ] as const)
      expect(await faultOf(action, input, member)).toMatchObject({
        kind: 'conflict',
        message: expect.stringContaining('locked by an administrator: audit'),
        hint: 'an administrator can unlock it',
      })
    expect(await performed(unlock, one, admin)).toMatchObject({ lockedBy: null })
  })
})

describe('in every state', () => {
  it.each(states)('delete works from %s', async (vmState) => {
    const context = await serverIn({ vmState, taskState: vmState === 'building' ? 'spawning' : null })
    await performed(remove, many, context)
    expect(await recordOf(context)).toMatchObject({ deleted: true, vmState: 'deleted', taskState: null })
  })

  it.each(states)('reset-state works from %s', async (vmState) => {
    const context = await serverIn({ vmState, taskState: 'rebooting' })
    await performed(resetState, { ...many, active: true }, context)
    expect(await recordOf(context)).toMatchObject({ vmState: 'active', taskState: null })
  })
})
