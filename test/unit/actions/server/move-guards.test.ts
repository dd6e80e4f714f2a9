/** The actions of a move in every state: allowed or refused as Nova's table says, and a refusal changes nothing. */
import { describe, expect, it } from 'vitest'
import { addDisk } from '../../../../src/actions/server/add-disk.ts'
import { attach } from '../../../../src/actions/server/attach-interface.ts'
import { backup } from '../../../../src/actions/server/backup.ts'
import { confirm } from '../../../../src/actions/server/confirm.ts'
import { createImageOf } from '../../../../src/actions/server/create-image.ts'
import { detach } from '../../../../src/actions/server/detach-interface.ts'
import { liveMigrate } from '../../../../src/actions/server/live-migrate.ts'
import { lock } from '../../../../src/actions/server/lock.ts'
import { migrate } from '../../../../src/actions/server/migrate.ts'
import { removeDisk } from '../../../../src/actions/server/remove-disk.ts'
import { resize } from '../../../../src/actions/server/resize.ts'
import { revert } from '../../../../src/actions/server/revert.ts'
import { shelve } from '../../../../src/actions/server/shelve.ts'
import { shelveOffload } from '../../../../src/actions/server/shelve-offload.ts'
import { unshelve } from '../../../../src/actions/server/unshelve.ts'
import type { Server } from '../../../../src/model/server.ts'
import { statusOf, taskStates, vmStates } from '../../../../src/model/states.ts'
import { faultOf, performed, type TestContext } from '../../../support/a-context.ts'
import { aServerToMove } from '../../../support/moved-server.ts'

const grow = { server: 'web-1', flavor: 'm1.medium' }
const all = { servers: ['web-1'] }
const one = { server: 'web-1' }
const table = [
  { verb: 'resize', action: resize, input: grow, from: ['active', 'stopped'] },
  { verb: 'migrate', action: migrate, input: { server: 'web-1' }, from: ['active', 'stopped'] },
  { verb: 'live-migrate', action: liveMigrate, input: { server: 'web-1' }, from: ['active', 'paused'] },
  { verb: 'confirm', action: confirm, input: all, from: ['resized', 'error'] },
  { verb: 'revert', action: revert, input: all, from: ['resized', 'error'] },
  {
    verb: 'create-image',
    action: createImageOf,
    input: { ...one, name: 'i' },
    from: ['active', 'stopped', 'paused', 'suspended'],
  },
  { verb: 'backup', action: backup, input: { ...one, name: 'i', type: 'd', rotation: 1 }, from: ['active', 'stopped'] },
  { verb: 'shelve', action: shelve, input: all, from: ['active', 'stopped', 'paused', 'suspended'] },
  { verb: 'shelve-offload', action: shelveOffload, input: all, from: ['shelved'] },
  { verb: 'unshelve', action: unshelve, input: all, from: ['shelved', 'shelved_offloaded'] },
  { verb: 'attach-interface', action: attach, input: one, from: ['active', 'stopped', 'paused'] },
  {
    verb: 'detach-interface',
    action: detach,
    input: { ...one, mac: 'fa:16:3e:00:00:01' },
    from: ['active', 'stopped', 'paused'],
  },
  { verb: 'add-disk', action: addDisk, input: { ...one, size: 1 }, from: ['active', 'stopped', 'paused'] },
  { verb: 'remove-disk', action: removeDisk, input: { ...one, disk: 'data' }, from: ['active', 'stopped', 'paused'] },
]
const states = vmStates.filter((state) => state !== 'deleted')

const change = (context: TestContext, id: string, fields: Partial<Server>) =>
  context.store.transaction({ actor: 'test', request: 'req-0', action: 'given' }, async (tx) => {
    const server = await tx.get('servers', id)
    if (server) await tx.update('servers', { ...server, ...fields })
  })

describe.each(table)('$verb', ({ verb, action, input, from }) => {
  it.each(states.filter((state) => !from.includes(state)))('is refused from %s', async (vmState) => {
    const { context, server } = await aServerToMove()
    await change(context, (await server()).id, { vmState })
    const before = await server()
    const fault = await faultOf(action, input, context)
    expect(fault).toMatchObject({
      kind: 'conflict',
      message: expect.stringMatching(`^cannot ${verb} server web-1: it is [A-Z_]+ \\(`),
    })
    expect(await server()).toEqual(before)
  })

  it.each(taskStates)('is refused while %s', async (taskState) => {
    const { context, server } = await aServerToMove()
    await change(context, (await server()).id, { vmState: from[0] as Server['vmState'], taskState })
    expect(await faultOf(action, input, context)).toMatchObject({ kind: 'conflict', hint: 'wait for it: nova wait web-1' })
  })

  it('is refused while it is locked', async () => {
    const { context } = await aServerToMove()
    await performed(lock, { server: 'web-1' }, context)
    expect(await faultOf(action, input, context)).toMatchObject({ kind: 'conflict', hint: 'nova unlock web-1' })
  })
})

it.each([confirm, revert])('$name needs a move to end', async (end) => {
  const { context, server } = await aServerToMove()
  await change(context, (await server()).id, { vmState: 'resized' })
  expect(await faultOf(end, all, context)).toMatchObject({ kind: 'conflict', message: expect.stringContaining('no move') })
})

it('shows the words of Nova on the way', () => {
  const words = [
    statusOf({ vmState: 'active', taskState: 'resize_prep' }),
    statusOf({ vmState: 'stopped', taskState: 'resize_migrating' }),
    statusOf({ vmState: 'resized', taskState: null }),
    statusOf({ vmState: 'resized', taskState: 'resize_confirming' }),
    statusOf({ vmState: 'resized', taskState: 'resize_reverting' }),
  ]
  expect(words).toEqual(['RESIZE', 'RESIZE', 'VERIFY_RESIZE', 'VERIFY_RESIZE', 'REVERT_RESIZE'])
})
