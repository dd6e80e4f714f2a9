/** The record of a new host, before anybody asked the host itself. */
import { Fault } from '../../core/fault.ts'
import { iso } from '../../core/time.ts'
import type { HostRecord } from '../../model/host.ts'
import { parseSshAddress } from '../../model/ssh-address.ts'
import type { Transaction } from '../../state/store.ts'
import type { Context } from '../context.ts'
import type { NewHost } from './new-host.ts'

/** Every part of the way is checked before anything is kept. */
export function checkAddress({ name, address, jump, identity, sudo, acceptNew, driver }: NewHost): void {
  if (address !== 'local') {
    if (driver === 'fake') throw new Fault('invalid', `host ${name} has the driver fake, which runs on this machine only`)
    for (const way of [address, ...(jump?.split(',') ?? [])]) parseSshAddress(way.trim())
    if (identity !== undefined && !/^(\/|~\/)/.test(identity))
      throw new Fault('invalid', `the identity ${identity} of host ${name} is no absolute path`)
    return
  }
  const given = [jump && '--jump', identity && '--identity', sudo && '--sudo', acceptNew && '--accept-new'].filter(Boolean)
  if (given.length > 0) throw new Fault('invalid', `${given.join(', ')} of host ${name} need an address to log in to`)
}

/** What a host is once its inventory is known. */
export const enabledAs = (disabled: boolean): Pick<HostRecord, 'enabled' | 'disabledReason'> => ({
  enabled: !disabled,
  disabledReason: disabled ? 'added disabled' : null,
})

/**
 * The driver is found by the record, so the record comes first, disabled: nothing is placed there before its inventory is
 * known. One that a killed process left without inventory is taken up again.
 */
export async function register(tx: Transaction, input: NewHost, orReuse: boolean, context: Context): Promise<HostRecord> {
  const [same] = await tx.list('hosts', { where: { name: input.name }, limit: 1 })
  if (same && (orReuse || same.inventory === null)) return same
  if (same)
    throw new Fault('exists', `host ${same.name} exists already, with the id ${same.id}`, {
      hint: '--or-reuse takes it as it is',
    })
  const fresh = recordOf(input, context)
  await refuseSharedPath(tx, fresh)
  return tx.insert('hosts', fresh)
}

/** The record that these words mean. */
export const recordOf = (input: NewHost, context: Context): Omit<HostRecord, 'generation'> => ({
  id: context.random.uuid(),
  name: input.name,
  driver: input.driver,
  address: input.address,
  identityFile: input.identity ?? null,
  jump: input.jump ?? null,
  sudo: input.sudo,
  instancesPath: input.instancesPath ?? defaultPath(input, context),
  virtType: input.virtType ?? 'auto',
  guestCpu: input.guestCpu ?? null,
  enabled: false,
  disabledReason: 'its inventory was not read yet',
  cpuAllocationRatio: input.cpuAllocationRatio ?? null,
  ramAllocationRatio: input.ramAllocationRatio ?? null,
  diskAllocationRatio: input.diskAllocationRatio ?? null,
  reservedMemoryMb: input.reservedMemoryMb ?? null,
  reservedDiskGb: input.reservedDiskGb ?? null,
  inventory: null,
  lastSeenAt: null,
  failedBuilds: 0,
  createdAt: iso(context.clock.wall()),
})

/** Two hosts of one machine must not see, or destroy, each other's guests. */
export async function refuseSharedPath(tx: Transaction, { name, address, instancesPath }: Omit<HostRecord, 'generation'>) {
  const [other] = await tx.list('hosts', { where: { address, instancesPath }, limit: 1 })
  if (other) throw new Fault('conflict', `host ${name} cannot use ${instancesPath}: host ${other.name} keeps its servers there`)
}

function defaultPath({ name, address }: NewHost, context: Context): string {
  if (address !== 'local') return '/var/lib/nova/instances'
  const { instancesPath } = context.settings
  if (instancesPath !== null) return `${instancesPath}/${name}`
  throw new Fault('invalid', 'instancesPath is missing', { hint: 'give --instances-path' })
}
