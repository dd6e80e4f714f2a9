/** The record of a domain that is being adopted. */
import { Fault } from '../../core/fault.ts'
import { name as nameForm } from '../../core/schema.ts'
import { iso } from '../../core/time.ts'
import type { ForeignDomain } from '../../drivers/driver.ts'
import type { FlavorCopy } from '../../model/flavor.ts'
import type { Server } from '../../model/server.ts'
import type { Context } from '../context.ts'
import { hostnameOf } from '../server/boot-records.ts'

export interface Adoption {
  readonly domain: ForeignDomain
  readonly host: string
  readonly flavor: FlavorCopy
  readonly projectId: string
  readonly name: string | undefined
}

/** A server with the id of the domain, busy until the host has noted it. */
export function adoptedServer({ domain, host, flavor, projectId, name }: Adoption, context: Context): Omit<Server, 'generation'> {
  const at = iso(context.clock.wall())
  const own = name ?? domain.name
  if (!nameForm().safeParse(own).success)
    throw new Fault('invalid', `domain ${JSON.stringify(own.slice(0, 80))} has a name that servers cannot have`, {
      hint: 'give one with --name',
    })
  return {
    id: domain.id,
    projectId,
    userId: context.userId,
    name: own,
    hostname: hostnameOf(own, domain.id),
    vmState: 'building',
    taskState: 'adopting',
    powerState: domain.powerState,
    lockedBy: null,
    lockedReason: null,
    host,
    availabilityZone: null,
    imageId: null,
    flavor,
    keyName: null,
    metadata: [],
    hints: [],
    groupId: null,
    configDrive: false,
    nics: domain.nics.map((nic) => ({ ...nic })),
    disks: [],
    stateBeforeRescue: null,
    rescueImageId: null,
    stateBeforeDelete: null,
    rootImageId: null,
    shelved: null,
    machine: null,
    adopted: { domain: domain.name, disks: domain.disks.map((disk) => ({ ...disk })), adoption: null, release: null },
    fault: null,
    requestId: context.requestId,
    deleted: false,
    createdAt: at,
    updatedAt: at,
    launchedAt: null,
    deletedAt: null,
  }
}
