/** Hosts, images, flavors and the like: what is shown of each, and whether it is still there. */
import type { Flavor } from '../model/flavor.ts'
import type { HostRecord } from '../model/host.ts'
import type { Image } from '../model/image.ts'
import type { Keypair } from '../model/keypair.ts'
import type { Aggregate, ServerGroup } from '../model/placement.ts'
import type { Change } from '../state/store.ts'
import { type ThingTable, thingTypes } from './event-types.ts'
import { aggregatePayload, groupPayload, imagePayload, keypairPayload, type Payload, servicePayload } from './payload.ts'

const flavorPayload = (flavor: Flavor): Payload => ({
  flavorid: flavor.id,
  name: flavor.name,
  memory_mb: flavor.ram,
  vcpus: flavor.vcpus,
  root_gb: flavor.disk,
  ephemeral_gb: flavor.ephemeral,
  swap: flavor.swap,
  is_public: flavor.isPublic,
  extra_specs: Object.fromEntries(flavor.extraSpecs),
})

const shown: Record<ThingTable, (record: unknown) => Payload> = {
  hosts: (record) => servicePayload(record as HostRecord),
  images: (record) => imagePayload(record as Image),
  flavors: (record) => flavorPayload(record as Flavor),
  keypairs: (record) => keypairPayload(record as Keypair),
  aggregates: (record) => aggregatePayload(record as Aggregate),
  serverGroups: (record) => groupPayload(record as ServerGroup),
}

export const isThingTable = (table: string): table is ThingTable => Object.hasOwn(thingTypes, table)
export const thingTables = Object.keys(thingTypes).filter(isThingTable)
export const thingKey = (table: ThingTable, id: string) => `${table}/${id}`

/** What is shown of a thing; undefined when it is gone, or only a trace of it is kept. */
export const presentThing = (table: ThingTable, record: Change['record']): Payload | undefined =>
  record === null || record.deleted === true ? undefined : shown[table](record)
