/** Everything that stands in the way of a live move, at once: who mends one reason should not meet the next one afterwards. */
import { hardwareOf } from '../../compute/guest-spec.ts'
import { asFault, Fault } from '../../core/fault.ts'
import { keptFleetOf } from '../../flows/kept-fleet.ts'
import { openMigration } from '../../flows/moving.ts'
import { specOf } from '../../model/flavor.ts'
import { guard } from '../../model/guards.ts'
import type { Image } from '../../model/image.ts'
import type { Server } from '../../model/server.ts'
import type { Candidate, Fleet } from '../../scheduler/types.ts'
import type { Reader } from '../../state/store.ts'
import type { Context } from '../context.ts'
import { destinationIn } from './choose-destination.ts'
import { placementRequest } from './placement-request.ts'

export interface LiveWish {
  /** Only this host; the filters still run. */
  readonly host?: string | undefined
  /** Hosts that turned out not to do. */
  readonly tried?: readonly string[]
}

/** What the records say of the move: where it would go, and what forbids it. */
export interface Outlook {
  readonly destHost: string | null
  /** The host that may say more about itself: the destination, or the one that was asked for. */
  readonly toAsk: string | null
  readonly obstacles: readonly Fault[]
}

/** Looks at the records alone; no host is asked. */
export async function liveOutlook(reader: Reader, server: Server, wish: LiveWish, context: Context): Promise<Outlook> {
  const obstacles: Fault[] = []
  const attempt = async <T>(look: () => T | Promise<T>): Promise<T | null> => {
    try {
      return await look()
    } catch (error) {
      obstacles.push(asFault(error))
      return null
    }
  }
  await attempt(() => guard('live-migrate', server))
  await attempt(() => needNoMove(reader, server))
  const image = server.imageId === null ? undefined : await reader.get('images', server.imageId)
  const fleet = await keptFleetOf(reader, context.settings)
  const source = fleet.candidates.find(({ name }) => name === server.host)
  const named = fleet.candidates.find(({ name }) => name === wish.host)
  const isAnother = named !== undefined && named !== source
  if (source) obstacles.push(...((await attempt(() => losses(server, source, image))) ?? []))
  if (source && isAnother) obstacles.push(...misfits(named, source, image).map(unfit))
  const suits = (candidate: Candidate) => isAnother || (source !== undefined && misfits(candidate, source, image).length === 0)
  if (source && wish.host === undefined) obstacles.push(...noneSuits(fleet, source, image).map(unfit))
  const request = await attempt(() => placementRequest(reader, server, context, wish))
  const order = { server, type: 'live', flavor: server.flavor, host: wish.host, suits } as const
  if (wish.host !== undefined && !named) obstacles.push(unknownHost(wish.host))
  const canChoose = source !== undefined && (wish.host === undefined || named !== undefined)
  const destHost = request && canChoose ? await attempt(() => destinationIn(fleet, order, request, context)) : null
  return { destHost, toAsk: destHost ?? (isAnother ? named.name : null), obstacles }
}

/** The first QEMU that keeps every write of an emulated guest while its memory travels. */
const firstWhole = 9

/** Guests whose memory libvirt lays out alone have none that a QEMU with that fault looks at page by page. */
function losses(server: Server, { name, record, inventory }: Candidate, image: Image | undefined): Fault[] {
  const { accelerator, hypervisorVersion } = inventory
  if (record.driver !== 'libvirt' || accelerator !== 'tcg' || Number.parseInt(hypervisorVersion, 10) >= firstWhole) return []
  const { cells, pageSizeKb } = hardwareOf(server, image?.properties ?? [])
  const what = [...(cells.length > 0 ? ['NUMA cells'] : []), ...(pageSizeKb === null ? [] : ['huge pages'])].join(' and ')
  const reason = `server ${server.name} is emulated and has ${what}: QEMU ${hypervisorVersion} of host ${name} would lose what it writes while it moves`
  return what === '' ? [] : [unfit(reason)]
}

const unfit = (reason: string) =>
  new Fault('no-valid-host', reason, { hint: 'nova migrate moves a server while it is shut down' })

const unknownHost = (host: string) =>
  new Fault('not-found', `no host named ${host}, or it was never looked at`, { hint: 'nova host list' })

async function needNoMove(reader: Reader, server: Server): Promise<void> {
  if (server.host === null)
    throw new Fault('conflict', `server ${server.name} has no host: its boot failed`, { hint: 'delete it and boot again' })
  const open = await openMigration(reader, server.id)
  if (!open) return
  const { sourceHost, destHost, status } = open
  throw new Fault('conflict', `server ${server.name} still has a move from ${sourceHost} to ${destHost} (${status})`, {
    hint: `nova migration show ${open.id}`,
  })
}

/** Why a guest that runs on the one host cannot go on running on the other. */
function misfits({ record, inventory }: Candidate, source: Candidate, image: Image | undefined): string[] {
  const { name } = record
  const here = source.inventory
  const differs = (what: string, there: string, its: string) =>
    there === its ? [] : [`host ${name} has ${what} ${there}, host ${source.name} has ${its}`]
  const isAgreed = record.guestCpu !== null && record.guestCpu === source.record.guestCpu
  const hasModel = isAgreed || specOf(image?.properties ?? [], 'hw_cpu_model') !== undefined
  const lacking =
    here.accelerator === 'kvm' && !hasModel ? here.cpuFeatures.filter((flag) => !inventory.cpuFeatures.includes(flag)) : []
  const shown = `${lacking.slice(0, 8).join(', ')}${lacking.length > 8 ? ' …' : ''}`
  return [
    ...differs('driver', record.driver, source.record.driver),
    ...differs('architecture', inventory.architecture, here.architecture),
    ...differs('accelerator', inventory.accelerator, here.accelerator),
    ...(lacking.length > 0 ? [`host ${name} lacks ${lacking.length} CPU features of host ${source.name}: ${shown}`] : []),
  ]
}

/** The misfits of all other hosts, when every one of them has some. */
function noneSuits({ candidates }: Fleet, source: Candidate, image: Image | undefined): string[] {
  const others = candidates.filter((candidate) => candidate !== source).map((other) => misfits(other, source, image))
  return others.some((reasons) => reasons.length === 0) ? [] : others.flat().slice(0, 10)
}

/** One fault with every reason; `details.reasons` has them one by one. */
export function refusalOf(server: Server, obstacles: readonly Fault[]): Fault {
  const [first] = obstacles
  if (first && obstacles.length === 1) return first
  const reasons = obstacles.map(({ message }) => message)
  return new Fault(
    first?.kind ?? 'internal',
    `server ${server.name} cannot move live, for ${reasons.length} reasons: ${reasons.join('; ')}`,
    { details: { reasons }, ...(first?.hint ? { hint: first.hint } : {}) },
  )
}
