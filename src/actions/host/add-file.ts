/** Adding many hosts at once: all of them, or none. */

import { asFault, Fault } from '../../core/fault.ts'
import { z } from '../../core/schema.ts'
import { iso } from '../../core/time.ts'
import type { Inventory } from '../../model/host.ts'
import { type HostRecord, hostView } from '../../model/host.ts'
import type { Transaction } from '../../state/store.ts'
import { type Context, reading, writing } from '../context.ts'
import { viewsOfHosts } from './host-use.ts'
import type { NewHost } from './new-host.ts'
import { checkAddress, enabledAs, recordOf, register } from './register-host.ts'

export const hostFromFile = hostView.extend({ result: z.enum(['added', 'unchanged']) })

/** What a host was told to be, as far as it stays what it was told. */
const kept = [
  ...(['driver', 'address', 'identityFile', 'jump', 'sudo', 'instancesPath', 'virtType', 'guestCpu'] as const),
  ...(['cpuAllocationRatio', 'ramAllocationRatio', 'diskAllocationRatio', 'reservedMemoryMb', 'reservedDiskGb'] as const),
] as const

/** Adds the hosts that are not there; one that is there as it is described stays as it is. */
export async function addHosts(hosts: readonly NewHost[], context: Context): Promise<z.infer<typeof hostFromFile>[]> {
  checkTogether(hosts)
  const fresh = await writing(context, 'host.add', (tx) => registerAll(tx, hosts, context))
  for (const { name, acceptNew } of hosts) if (acceptNew) context.acceptNewKey(name)
  try {
    await enableAll(fresh, await inventoriesOf(fresh, context), hosts, context)
  } catch (error) {
    await writing(context, 'host.add', async (tx) => {
      for (const { id } of fresh) await tx.remove('hosts', id)
    })
    throw error
  }
  const added = new Set(fresh.map(({ name }) => name))
  return reading(context, async (reader) => {
    const names = new Set(hosts.map(({ name }) => name))
    const records = (await reader.list('hosts')).filter(({ name }) => names.has(name))
    const views = await viewsOfHosts(reader, records, context)
    return views.map((view) => ({ ...view, result: added.has(view.name) ? ('added' as const) : ('unchanged' as const) }))
  })
}

function checkTogether(hosts: readonly NewHost[]): void {
  const names = new Set<string>()
  for (const host of hosts) {
    checkAddress(host)
    if (names.has(host.name)) throw new Fault('invalid', `host ${host.name} is described twice`)
    names.add(host.name)
  }
}

/** The new ones, disabled. */
async function registerAll(tx: Transaction, hosts: readonly NewHost[], context: Context): Promise<HostRecord[]> {
  const fresh: HostRecord[] = []
  for (const host of hosts) {
    const [same] = await tx.list('hosts', { where: { name: host.name }, limit: 1 })
    if (same && same.inventory !== null) refuseOther(same, recordOf(host, context))
    else fresh.push(await register(tx, host, false, context))
  }
  return fresh
}

function refuseOther(has: HostRecord, wanted: Omit<HostRecord, 'generation'>): void {
  const other = kept.filter((field) => has[field] !== wanted[field])
  if (other.length === 0) return
  const told = other.map((field) => `${field} ${String(has[field])} instead of ${String(wanted[field])}`)
  throw new Fault('conflict', `host ${has.name} exists already, with ${told.join(', ')}`, {
    hint: `nova host set ${has.name} changes some of it; nothing was added`,
  })
}

/** Asks all of them at once; the fault tells of every one that did not answer. */
async function inventoriesOf(hosts: readonly HostRecord[], context: Context): Promise<Map<string, Inventory>> {
  const found = new Map<string, Inventory>()
  const faults: Fault[] = []
  const ask = async ({ id, name }: HostRecord) => {
    const call = { host: name, method: 'inventory', args: undefined, serverId: null, epoch: 0, signal: context.signal } as const
    await context.compute.call(call).then(
      (inventory) => found.set(id, inventory),
      (error: unknown) => faults.push(asFault(error)),
    )
  }
  await Promise.all(hosts.map(ask))
  const [first] = faults
  if (!first) return found
  if (faults.length === 1) throw first
  const told = faults.map(({ message }) => message).join('; ')
  throw new Fault(first.kind, `${faults.length} of ${hosts.length} hosts cannot be added: ${told.slice(0, 2000)}`, {
    hint: first.hint ?? 'nothing was added',
  })
}

/** One transaction puts all of them in service. */
const enableAll = (
  fresh: readonly HostRecord[],
  inventories: ReadonlyMap<string, Inventory>,
  hosts: readonly NewHost[],
  context: Context,
): Promise<void> =>
  writing(context, 'host.add', async (tx) => {
    for (const { id, name } of fresh) {
      const record = await tx.get('hosts', id)
      const inventory = inventories.get(id)
      if (!record || !inventory) throw new Fault('conflict', `host ${name} was removed while it was asked`)
      const disabled = hosts.find((host) => host.name === name)?.disabled ?? false
      await tx.update('hosts', { ...record, ...enabledAs(disabled), inventory, lastSeenAt: iso(context.clock.wall()) })
    }
  })
