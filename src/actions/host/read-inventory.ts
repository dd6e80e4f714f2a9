/** Asks a host what it has and keeps the answer. */
import { Fault } from '../../core/fault.ts'
import { iso } from '../../core/time.ts'
import type { HostRecord } from '../../model/host.ts'
import { type Context, writing } from '../context.ts'

/** The host's record with a fresh inventory and `change`; faults are the driver's own and change nothing. */
export async function readInventory(
  context: Context,
  action: string,
  host: Pick<HostRecord, 'id' | 'name'>,
  change: Partial<HostRecord> = {},
): Promise<HostRecord> {
  const { signal } = context
  const call = { host: host.name, method: 'inventory', args: undefined, serverId: null, epoch: 0, signal } as const
  const inventory = await context.compute.call(call)
  return writing(context, action, async (tx) => {
    // the answer took its time: the record is read again, so that nobody's change in between is lost
    const record = await tx.get('hosts', host.id)
    if (!record) throw new Fault('conflict', `host ${host.name} was removed while it was asked`)
    return tx.update('hosts', { ...record, ...change, inventory, lastSeenAt: iso(context.clock.wall()) })
  })
}
