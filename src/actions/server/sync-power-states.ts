import { asFault, Fault } from '../../core/fault.ts'
import { object, reference, z } from '../../core/schema.ts'
import { iso } from '../../core/time.ts'
import type { GuestState } from '../../drivers/driver.ts'
import { changeServer } from '../../flows/server-steps.ts'
import type { HostRecord } from '../../model/host.ts'
import type { Server } from '../../model/server.ts'
import { type Context, defineAction, reading, writing } from '../context.ts'
import { find } from '../find.ts'
import { findEach } from '../find-each.ts'
import { asFound } from './as-found.ts'

const row = z.object({
  server: z.string().describe('its name; the id of a guest that no record knows'),
  id: z.string(),
  host: z.string(),
  recorded: z.string().nullable().describe('power state of the record'),
  found: z.string().nullable().describe('power state on the host; null when the host has no such guest or does not answer'),
  result: z.enum(['recorded', 'reported', 'stopped', 'skipped', 'unreachable']),
  reason: z.string().nullable(),
})
type Row = z.infer<typeof row>

export const syncPowerStates = defineAction({
  name: 'server.sync-power-states',
  summary: 'record what guests really do; what the records cannot explain is reported and left alone',
  effect: 'write',
  policy: 'admin',
  input: object({ hosts: z.array(reference()).max(1000).default([]).describe('names or ids of the hosts; all when left out') }),
  output: z.array(row),
  async run({ hosts }, context) {
    const records = await reading(context, (reader) =>
      hosts.length === 0 ? reader.list('hosts') : findEach(hosts, false, (host) => find(reader, 'hosts', host, context)),
    )
    return (await Promise.all(records.map((host) => syncedHost(host, context)))).flat()
  },
})

/** A host that cannot be asked is a row, not the end of the others. */
async function syncedHost({ name: host }: HostRecord, context: Context): Promise<Row[]> {
  const call = { host, method: 'list', args: undefined, serverId: null, epoch: 0, signal: context.signal } as const
  const guests = await context.compute.call(call).catch(asFault)
  if (guests instanceof Fault)
    return [{ server: '', id: '', host, recorded: null, found: null, result: 'unreachable', reason: guests.message }]
  const known = await context.store.read((reader) => reader.list('servers', { where: { host } }))
  const byId = new Map(guests.map((guest) => [guest.id, guest]))
  const rows: Row[] = []
  for (const server of known.filter(({ deleted }) => !deleted))
    rows.push(...(await synced(server, host, byId.get(server.id), context)))
  return [
    ...rows,
    ...(await strangers(guests, new Set(known.filter(({ deleted }) => !deleted).map(({ id }) => id)), host, context)),
  ]
}

/** A move that waits for its confirm, also while its server is soft deleted. */
const isBetween = ({ vmState, stateBeforeDelete }: Server) => vmState === 'resized' || stateBeforeDelete === 'resized'

/** Guests that no living record puts on this host: never adopted, never stopped. */
async function strangers(
  guests: readonly GuestState[],
  known: ReadonlySet<string>,
  host: string,
  context: Context,
): Promise<Row[]> {
  const unknown = guests.filter(({ id }) => !known.has(id))
  const rows = await Promise.all(
    unknown.map(async ({ id, powerState }): Promise<Row[]> => {
      const server = await context.store.read((reader) => reader.get('servers', id))
      // A move that is under way, or waits for its confirm, has the guest on two hosts.
      if (server && !server.deleted && (server.taskState !== null || isBetween(server))) return []
      const where = server?.host === undefined || server.host === null ? 'no host' : server.host
      const reason = !server
        ? 'no record knows it'
        : server.deleted
          ? 'its server is deleted'
          : `its record says that it is on ${where}`
      return [{ server: server?.name ?? id, id, host, recorded: null, found: powerState, result: 'reported', reason }]
    }),
  )
  return rows.flat()
}

async function synced(server: Server, host: string, guest: GuestState | undefined, context: Context): Promise<Row[]> {
  const found = guest?.powerState ?? null
  const answer = (result: Row['result'], reason: string | null = null): Row[] => [
    { server: server.name, id: server.id, host, recorded: server.powerState, found, result, reason },
  ]
  if (server.taskState !== null) return answer('skipped', `it is busy: ${server.taskState}`)
  if (server.vmState === 'error' || server.vmState === 'building') return []
  if (!guest) return answer('reported', 'the host has no such guest')
  if (guest.powerState === server.powerState || guest.powerState === 'pending') return []
  if (server.vmState === 'stopped' && guest.powerState === 'running') {
    if (context.settings.syncPowerStateAction === 'report') return answer('reported', 'it runs though it was stopped')
    return (await stopAgain(server, host, context))
      ? answer('stopped', 'it ran though it was stopped')
      : answer('skipped', 'it changed meanwhile')
  }
  if (['soft-delete', 'deleted'].includes(server.vmState)) return answer('reported', 'it is deleted')
  return (await record(server, guest, context)) ? answer('recorded') : answer('skipped', 'it changed meanwhile')
}

/** Whether the record is still the one that was compared: nothing works on the server, and it is on the same host. */
const isSame = (now: Server | undefined, then: Server): now is Server =>
  now !== undefined && !now.deleted && now.taskState === null && now.host === then.host && now.vmState === then.vmState

const record = (server: Server, { powerState }: GuestState, context: Context): Promise<boolean> =>
  writing(context, 'server.sync-power-states', async (tx) => {
    const now = await tx.get('servers', server.id)
    if (!isSame(now, server)) return false
    await changeServer(tx, server.id, { ...asFound(now, powerState), updatedAt: iso(context.clock.wall()) })
    return true
  })

/** The epoch is the newest there is; an operation that begins after it has a newer one. */
async function stopAgain(server: Server, host: string, context: Context): Promise<boolean> {
  const epoch = await context.store.read(async (reader) =>
    isSame(await reader.get('servers', server.id), server) ? reader.revision : undefined,
  )
  if (epoch === undefined) return false
  const args = { timeoutMs: context.settings.shutdownTimeout * 1000 }
  await context.compute.call({ host, method: 'stop', args, serverId: server.id, epoch, signal: context.signal })
  return true
}
