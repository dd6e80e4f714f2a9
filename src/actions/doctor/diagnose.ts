/** The doctor's judgement: a pure comparison of the records with what the hosts say. */
import { Fault } from '../../core/fault.ts'
import type { GuestState } from '../../drivers/driver.ts'
import { isAlive } from '../../flows/live-sides.ts'
import type { HostRecord } from '../../model/host.ts'
import type { Server } from '../../model/server.ts'
import { type Diagnosis, found } from './diagnosis.ts'
import { judgeDisks } from './judge-disks.ts'
import { judgeFiles } from './judge-files.ts'
import { judgeClock, judgeInventory, judgeResizes } from './judge-host.ts'
import { endOfRevert, judgeHalfEnded } from './judge-moves.ts'
import type { HostAnswer, Observation } from './look.ts'

/** Everything that is wrong, worst first by code. */
export function diagnose(seen: Observation): Diagnosis[] {
  const copies = copiesOf(seen)
  const known = new Set(seen.servers.map((server) => server.id))
  return [
    ...seen.hosts.flatMap((host) => strangers(host.name, known, seen)),
    ...seen.servers.flatMap((server) => placement(server, copies.get(server.id) ?? [], seen)),
    ...seen.servers.flatMap((server) => busy(server, seen)),
    ...operations(seen),
    ...silentHosts(seen),
    ...overCommitted(seen),
    ...seen.hosts.flatMap((host) => looks(host, seen)),
    ...judgeResizes(seen),
    ...seen.imagesWithoutFile.map((image) =>
      found('NVD011', `image ${image.name}`, `its file ${image.checksum?.slice(0, 12)}… is not in the image store`),
    ),
  ].sort((a, b) => (a.code < b.code ? -1 : a.code > b.code ? 1 : 0))
}

/** What one look at a host shows beside its guests. */
function looks(host: HostRecord, seen: Observation): Diagnosis[] {
  const { survey, inventory, asked } = seen.answers.get(host.name) ?? {}
  return [
    ...(inventory === undefined || inventory instanceof Fault ? [] : judgeInventory(host, inventory)),
    ...(survey === undefined || survey instanceof Fault || asked === undefined
      ? []
      : [
          ...judgeClock(host.name, survey, asked),
          ...judgeFiles(host.name, survey, seen),
          ...judgeDisks(host.name, survey, seen),
        ]),
  ]
}

const isSilent = (answer: HostAnswer | undefined) => answer?.guests instanceof Fault
const guestsOf = ({ guests }: HostAnswer) => (guests instanceof Fault ? [] : guests)

interface Copy {
  readonly host: string
  readonly guest: GuestState
}

function copiesOf(seen: Observation): Map<string, Copy[]> {
  const copies = new Map<string, Copy[]>()
  for (const [host, answer] of seen.answers) {
    for (const guest of guestsOf(answer))
      if (!guest.hasFilesOnly || !seen.sharing.get(guest.id)?.has(host))
        copies.set(guest.id, [...(copies.get(guest.id) ?? []), { host, guest }])
  }
  return copies
}

/** Guests that no living record explains. */
function strangers(host: string, known: ReadonlySet<string>, seen: Observation): Diagnosis[] {
  const answer = seen.answers.get(host)
  if (answer === undefined) return []
  return guestsOf(answer)
    .filter((guest) => !known.has(guest.id))
    .map((guest) => {
      const facts = { host, guest, serverId: guest.id }
      // Whether a record of it was deleted says nothing of it: it may have been let go.
      if (guest.isForeign || guest.isAdopted)
        return found('NVD001', `host ${host}`, `domain ${guest.id}, which nova did not make, belongs to no server`, {
          ...facts,
          severity: 'warning',
        })
      if (!seen.deletedIds.has(guest.id) && isLeftover(guest, answer)) return leftover(host, guest.id)
      if (!seen.deletedIds.has(guest.id))
        return found('NVD001', `host ${host}`, `guest ${guest.id} is ${guest.powerState} and belongs to no server`, facts)
      return found('NVD002', `host ${host}`, `guest ${guest.id} of a deleted server is ${guest.powerState}`, {
        ...facts,
        repair: 'destroy that guest',
      })
    })
}

/** A directory without a definition and without anything that runs was never a guest, or is what is left of one. */
function isLeftover({ id, powerState, isForeign }: GuestState, { survey }: HostAnswer): boolean {
  if (survey === undefined || survey instanceof Fault || isForeign || powerState !== 'shutdown') return false
  const paths = new Set(survey.entries.map(({ path }) => path))
  return paths.has(id) && !paths.has(`${id}/guest.json`)
}

const leftover = (host: string, id: string) =>
  found('NVD013', `host ${host}`, `directory ${id} holds no guest and belongs to no server`, {
    host,
    serverId: id,
    severity: 'warning',
    repair: 'put that directory into .lost',
    orders: [{ what: 'keep', path: id }],
  })

/** Where a server's guest is, and in what state, against its record. A server under way is left alone. */
function placement(server: Server, copies: readonly Copy[], seen: Observation): Diagnosis[] {
  const object = `server ${server.name}`
  const serverId = server.id
  if (server.taskState !== null || server.host === null) return []
  if (!seen.answers.has(server.host))
    return [found('NVD012', object, `its host ${server.host} is not known`, { serverId, host: server.host })]
  const [first, ...others] = copies
  if (others.length > 0) return severalCopies(server, server.host, copies, seen)
  if (first && first.host !== server.host) {
    // Files alone may be those of the host that does not answer.
    if (first.guest.hasFilesOnly && isSilent(seen.answers.get(server.host))) return []
    // A host that does not answer may hold the right copy: naming the other one would make two of them legal.
    const repair = isSilent(seen.answers.get(server.host)) ? null : `record that it is on ${first.host}`
    return [
      found('NVD004', object, `it is on ${first.host}, its record says ${server.host}`, { serverId, host: first.host, repair }),
    ]
  }
  if (isSilent(seen.answers.get(server.host))) return []
  if (!first) {
    // A soft-deleted server stays one: it will be deleted for good.
    const repair = server.vmState === 'soft-delete' ? null : 'set it to ERROR, so that it can be rebuilt or deleted'
    const facts = { serverId, host: server.host, repair }
    return server.vmState === 'error' ? [] : [found('NVD003', object, `host ${server.host} does not hold its guest`, facts)]
  }
  return [...powerState(server, first), ...judgeHalfEnded(server, seen)]
}

/** Beside the copies themselves the state of the recorded one, unless only another one runs: that says nothing of the server. */
function severalCopies(server: Server, recorded: string, copies: readonly Copy[], seen: Observation): Diagnosis[] {
  const own = copies.find(({ host }) => host === recorded)
  const where = copies.map((copy) => `${copy.host} (${copy.guest.powerState})`).join(' and ')
  const hosts = copies.map(({ host }) => host)
  const staleHosts = hosts.filter((host) => host !== recorded)
  const runsElsewhere = !isAlive(own?.guest ?? null) && copies.some(({ guest }) => isAlive(guest))
  const repair = endOfRevert(server, hosts, seen) ?? (own && !runsElsewhere ? clearance(server, staleHosts, seen) : null)
  const facts = { serverId: server.id, host: recorded, staleHosts, repair }
  const twice = found('NVD005', `server ${server.name}`, `it is on ${where}`, facts)
  return own && !runsElsewhere ? [twice, ...powerState(server, own)] : [twice]
}

/** Which copy counts is clear only when the server left every other host for good. */
function clearance({ id }: Server, staleHosts: readonly string[], { abandoned }: Observation): string | null {
  const causes = new Set(staleHosts.map((host) => abandoned.get(id)?.get(host)))
  const known = [...causes].filter((cause) => cause !== undefined)
  if (known.length < causes.size) return null
  return `destroy the copy that ${known.join(' and ')} left on ${staleHosts.join(' and ')}`
}

/** An unknown or contrary power state is reported and recorded; nothing is killed for it. */
function powerState(server: Server, { guest, host }: Copy): Diagnosis[] {
  if (guest.powerState === server.powerState || server.vmState === 'error') return []
  const message = `it is ${guest.powerState} on ${host}, its record says ${server.powerState}`
  const facts = { serverId: server.id, host, guest, severity: 'warning' as const, repair: 'record what the host says' }
  return [found('NVD006', `server ${server.name}`, message, facts)]
}

function busy(server: Server, seen: Observation): Diagnosis[] {
  if (server.taskState === null || seen.openFlows.some((flow) => flow.serverId === server.id)) return []
  const message = `it is marked ${server.taskState}, and no operation works on it`
  return [found('NVD007', `server ${server.name}`, message, { serverId: server.id, repair: 'clear the mark' })]
}

const operations = (seen: Observation) =>
  seen.openFlows
    .filter((flow) => seen.orphanFlowIds.has(flow.id))
    .map((flow) => {
      const why = flow.fault ? `blocked: ${flow.fault.message}` : 'no living process works on it'
      return found('NVD008', `operation ${flow.action} ${flow.label}`, why, {
        serverId: flow.serverId,
        repair: 'finish it or take it back',
      })
    })

/** A host is named once; a driver that lacks one of the looks is no fault of the host. */
const silentHosts = (seen: Observation) =>
  [...seen.answers].flatMap(([host, { guests, survey, inventory }]) => {
    const faults = [guests, survey, inventory].filter((answer) => answer instanceof Fault)
    const fault = guests instanceof Fault ? guests : faults.find(({ kind }) => kind !== 'unsupported')
    return fault === undefined ? [] : [found('NVD009', `host ${host}`, fault.message, { host })]
  })

function overCommitted(seen: Observation): Diagnosis[] {
  return seen.candidates.flatMap(({ name, inventory, claimed, ratios, reserved }) => {
    const rows = [
      { what: 'MB of memory', used: claimed.ram, limit: (inventory.memoryMb - reserved.memoryMb) * ratios.ram },
      { what: 'vCPUs', used: claimed.vcpus, limit: inventory.vcpus * ratios.cpu },
      { what: 'GB of disk', used: claimed.disk, limit: (inventory.diskGb - reserved.diskGb) * ratios.disk },
    ]
    return rows
      .filter(({ used, limit }) => used > limit)
      .map(({ what, used, limit }) =>
        found('NVD010', `host ${name}`, `${used} ${what} are claimed, ${Math.floor(limit)} may be`, {
          host: name,
          severity: 'warning',
        }),
      )
  })
}
