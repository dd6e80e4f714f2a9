/** Accepting a boot: everything that is checked and written before anything touches a host, in one transaction. */
import { claimedDisk } from '../../compute/guest-spec.ts'
import { asFault, Fault } from '../../core/fault.ts'
import { holds } from '../../core/perform.ts'
import { iso } from '../../core/time.ts'
import { bootServer } from '../../flows/boot-server.ts'
import { keptFleetOf } from '../../flows/kept-fleet.ts'
import type { Flavor, FlavorCopy } from '../../model/flavor.ts'
import type { Image } from '../../model/image.ts'
import { consume, selectHost, summarise } from '../../scheduler/select-hosts.ts'
import type { Decision, PlacementRequest } from '../../scheduler/types.ts'
import type { Reader, Transaction } from '../../state/store.ts'
import { type Context, writing } from '../context.ts'
import { find } from '../find.ts'
import { findFlavor } from '../flavor/find-flavor.ts'
import { checkQuota } from '../quota/usage.ts'
import { type BootInput, bootRequestRecord, keyOf, nameOf, newServer } from './boot-records.ts'
import { groupOf, hintsOf } from './hints.ts'

export interface Accepted {
  readonly serverIds: readonly string[]
  readonly flowIds: readonly string[]
}

/** Quota, placement, records and flows of all servers, or nothing at all. */
export async function acceptBoot(input: BootInput, context: Context): Promise<Accepted> {
  const inputHash = await hashOf(input)
  const ids = Array.from({ length: input.maxCount }, () => context.random.uuid())
  for (const id of ids) if (input.userData) await context.vault.put(id, 'user_data', input.userData)
  try {
    const accepted = await writing(context, 'server.create', (tx) => writeBoot(tx, ids, inputHash, input, context))
    for (const id of ids) if (!accepted.serverIds.includes(id)) await context.vault.forget(id)
    return accepted
  } catch (error) {
    for (const id of ids) await context.vault.forget(id)
    throw error
  }
}

async function writeBoot(
  tx: Transaction,
  ids: readonly string[],
  inputHash: string,
  input: BootInput,
  context: Context,
): Promise<Accepted> {
  const earlier = await earlierBoot(tx, inputHash, input, context)
  if (earlier) return { serverIds: earlier, flowIds: [] }
  const flavor = await findFlavor(tx, input.flavor, context)
  const image = input.image === undefined ? null : await find(tx, 'images', input.image, context)
  checkImage(image, flavor)
  if (input.keyName !== undefined) await checkKey(tx, input.keyName, context)
  await checkQuota(tx, context.projectId, { metadata_items: input.metadata.length })
  const allowed = await allowedByQuota(tx, flavor, input, context)
  const template = await requestOf(tx, flavor, image, input, context)
  const decisions = await placeAll(tx, ids.slice(0, allowed), template, input, context)
  const at = iso(context.clock.wall())
  const flowIds: string[] = []
  for (const [index, decision] of decisions.entries()) {
    const server = await tx.insert('servers', newServer(decision, index, decisions.length, at, template, input, context))
    const request = { ...template, serverId: server.id, serverName: server.name }
    const own = input.wait || context.plan
    const start = { state: { request, attempt: 1 }, server, call: context, own }
    flowIds.push((await context.flows.begin(tx, bootServer, start)).id)
  }
  const serverIds = decisions.map((decision) => decision.serverId)
  await tx.insert('requests', { ...bootRequestRecord(input, inputHash, context), serverIds, decisions, fault: null })
  return { serverIds, flowIds }
}

/** How many of max_count the quota lets through; `over-quota` when fewer than min_count. */
async function allowedByQuota(tx: Transaction, flavor: Flavor, input: BootInput, context: Context): Promise<number> {
  for (let wanted = input.maxCount; ; wanted--) {
    try {
      await checkQuota(tx, context.projectId, { instances: wanted, cores: wanted * flavor.vcpus, ram: wanted * flavor.ram })
      return wanted
    } catch (error) {
      if (wanted <= input.minCount) throw error
    }
  }
}

/** Chooses a host for each server, each seeing the claims of those before; fewer than min_count is a refusal. */
async function placeAll(
  tx: Transaction,
  ids: readonly string[],
  template: PlacementRequest,
  input: BootInput,
  context: Context,
): Promise<Decision[]> {
  const random = () => (context.random.bytes(1)[0] ?? 0) / 256
  let fleet = await keptFleetOf(tx, context.settings)
  const decisions: Decision[] = []
  for (const [index, serverId] of ids.entries()) {
    const request = { ...template, serverId, serverName: nameOf(input.name, index, ids.length) }
    const decision = selectHost(request, fleet, { explain: false, random })
    if (decision.chosen === null) {
      if (index >= input.minCount) break
      throw new Fault('no-valid-host', summarise(decision), {
        details: { decision },
        hint: decision.nearest ? `${decision.nearest.change} (${decision.nearest.host})` : `nova explain ${input.name}`,
      })
    }
    decisions.push(decision)
    fleet = consume(fleet, request, decision.chosen)
  }
  return decisions
}

/** A refused boot changes nothing but leaves its request, so that `nova explain` answers later. */
export async function refuseBoot(error: unknown, input: BootInput, context: Context): Promise<never> {
  const fault = asFault(error)
  const decision = (fault.details as { decision?: Decision } | undefined)?.decision
  if (decision && !context.plan) {
    const record = { ...bootRequestRecord(input, await hashOf(input), context), idempotencyKey: null }
    await writing(context, 'server.create', (tx) =>
      tx.insert('requests', {
        ...record,
        serverIds: [],
        decisions: [decision],
        fault: new Fault(fault.kind, fault.message).toJSON(),
      }),
    )
  }
  throw fault
}

/** The servers of an earlier boot with the same idempotency key, or undefined; another input is a `conflict`. */
async function earlierBoot(
  reader: Reader,
  inputHash: string,
  input: BootInput,
  context: Context,
): Promise<readonly string[] | undefined> {
  if (input.idempotencyKey === undefined) return undefined
  const idempotencyKey = keyOf(input.idempotencyKey, context)
  const [earlier] = await reader.list('requests', { where: { idempotencyKey } })
  if (!earlier) return undefined
  if (earlier.inputHash === inputHash) return earlier.serverIds
  throw new Fault('conflict', `idempotency key "${input.idempotencyKey}" was used for another boot (request ${earlier.id})`, {
    hint: 'use a new key for a different boot',
  })
}

/** Kept once loaded: in the bundle each import makes a new object with every name of the module. */
let crypto: typeof import('node:crypto') | undefined

async function hashOf({ wait: _, ...input }: BootInput): Promise<string> {
  crypto ??= await import('node:crypto')
  return crypto.createHash('sha256').update(JSON.stringify(input)).digest('hex')
}

async function requestOf(
  tx: Transaction,
  flavor: Flavor,
  image: Image | null,
  input: BootInput,
  context: Context,
): Promise<PlacementRequest> {
  const [zone, forcedHost] = zoneAndHost(input.availabilityZone, context)
  const { generation: _, isPublic: __, description: ___, createdAt: ____, ...copy } = flavor
  return {
    serverId: '',
    serverName: input.name,
    projectId: context.projectId,
    flavor: copy,
    image: image && {
      id: image.id,
      name: image.name,
      minRam: image.minRam,
      minDisk: image.minDisk,
      properties: image.properties,
    },
    diskGb: claimedDisk(flavor, image, []),
    availabilityZone: zone,
    forcedHost,
    hints: await hintsOf(tx, input.hints, context),
    group: await groupOf(tx, input.hints, context),
    triedHosts: [],
  }
}

/** `zone`, `zone:host` or `:host`; naming a host is for admins, and the filters still run. */
function zoneAndHost(asked: string | undefined, context: Context): [string | null, string | null] {
  if (asked === undefined) return [null, null]
  const [zone = '', host = ''] = asked.split(':')
  if (host !== '' && !holds(context, 'admin'))
    throw new Fault('forbidden', `naming a host (${host}) needs the role admin`, { hint: 'give the zone alone' })
  return [zone === '' ? null : zone, host === '' ? null : host]
}

/** An image that is active and fits the flavor, or a fault with the numbers. */
export function checkImage(image: Image | null, flavor: FlavorCopy): void {
  if (!image) return
  if (image.status !== 'active') throw new Fault('conflict', `image ${image.name} is ${image.status}, not active`)
  if (image.minRam > flavor.ram)
    throw new Fault(
      'invalid',
      `flavor ${flavor.name} has ${flavor.ram} MB of memory, image ${image.name} needs ${image.minRam} MB`,
      {
        hint: 'choose a larger flavor: nova flavor list',
      },
    )
  const neededGb = Math.max(image.minDisk, Math.ceil((image.virtualSize ?? 0) / 1024 ** 3))
  const isDisk = image.format !== 'kernel' && image.format !== 'ramdisk'
  if (isDisk && flavor.disk > 0 && neededGb > flavor.disk)
    throw new Fault('invalid', `flavor ${flavor.name} has ${flavor.disk} GB of disk, image ${image.name} needs ${neededGb} GB`, {
      hint: 'choose a larger flavor: nova flavor list',
    })
}

async function checkKey(tx: Transaction, keyName: string, context: Context): Promise<void> {
  if (await tx.get('keypairs', `${context.userId}/${keyName}`)) return
  throw new Fault('not-found', `no key pair named "${keyName}"`, { hint: 'nova keypair list' })
}
