/**
 * The fleet of a store, kept between transactions: a boot looks at what was committed since the one before it, not at every
 * server. What it says is what `fleetOf` says of the same revision, but for the order of servers on a host.
 */
import type { HostRecord } from '../model/host.ts'
import type { Image } from '../model/image.ts'
import { byServer, claimsOf } from '../model/migration.ts'
import type { Aggregate } from '../model/placement.ts'
import type { Server } from '../model/server.ts'
import type { Service } from '../model/service.ts'
import type { TableName } from '../model/tables.ts'
import type { Candidate, Fleet, PlacedServer } from '../scheduler/types.ts'
import type { Settings } from '../settings.ts'
import type { Reader } from '../state/store.ts'
import { attendanceOf } from './attendance.ts'
import { candidate, fleetOf, placedServer } from './placement.ts'

type Touched = ReadonlyMap<TableName, ReadonlySet<string>>

const views = new WeakMap<object, FleetView>()

/** Every host with what is claimed on it, for use within the transaction or the read only. */
export async function keptFleetOf(tx: Reader, settings: Settings): Promise<Fleet> {
  const { log } = tx
  const known = log && views.get(log.of)
  // A read that began before others committed must not see what they did.
  if (!log || (known && known.revision > tx.revision)) return fleetOf(tx, settings)
  const touched = log.since(known?.revision ?? -1)
  const view = known && touched ? known : new FleetView()
  // Only a view that was followed to its end is kept.
  views.delete(log.of)
  await view.follow(tx, touched, settings)
  views.set(log.of, view)
  return view.fleet(settings)
}

class FleetView {
  revision = -1
  #settings: Settings | undefined
  #hosts: readonly HostRecord[] = []
  #aggregates: readonly Aggregate[] = []
  /** Which services there are, and what was heard of them when. */
  #told: string | undefined
  #attendance: ReturnType<typeof attendanceOf> = () => ({})
  #moving: ReturnType<typeof byServer> = new Map()
  readonly #claims = new Map<string, readonly PlacedServer[]>()
  readonly #onHost = new Map<string, Set<PlacedServer>>()
  readonly #hostOf = new Map<string, string>()
  readonly #candidates = new Map<string, Candidate>()
  /** The candidates with what the services say of them. */
  readonly #shown = new Map<string, Candidate>()

  /** Comes to the revision of `tx`; without `touched` from nothing. */
  async follow(tx: Reader, touched: Touched | undefined, settings: Settings): Promise<void> {
    const isTouched = (...tables: TableName[]) => !touched || tables.some((table) => touched.has(table))
    if (isTouched('hosts', 'aggregates') || settings !== this.#settings) {
      this.#hosts = await tx.list('hosts')
      this.#aggregates = await tx.list('aggregates')
      this.#forgetHosts()
    }
    this.#settings = settings
    this.#followServices(await tx.list('services'))
    const moved = isTouched('migrations') ? await this.#followMigrations(tx) : []
    const usesImage = [...(touched?.get('images') ?? [])].some((id) => this.#isUsed(id))
    if (!touched || usesImage) await this.#readAll(tx)
    else for (const id of new Set([...(touched.get('servers') ?? []), ...moved])) await this.#readAgain(tx, id)
    this.revision = tx.revision
  }

  /** Reports of services leave no revision. */
  #followServices(services: readonly Service[]): void {
    const told = services.map(({ id, generation, lastSeen }) => `${id} ${generation} ${lastSeen}`).join()
    if (told === this.#told) return
    this.#told = told
    this.#attendance = attendanceOf(services)
    this.#shown.clear()
  }

  fleet(settings: Settings): Fleet {
    const candidates = this.#hosts.flatMap((record) => this.#shownOf(record, settings) ?? [])
    return { candidates, hostOf: (id) => this.#hostOf.get(id), settings }
  }

  #shownOf(record: HostRecord, settings: Settings): Candidate | undefined {
    const host = this.#candidateOf(record, settings)
    const shown = this.#shown.get(record.name)
    if (shown || !host) return shown
    const made = { ...host, ...this.#attendance(record) }
    this.#shown.set(record.name, made)
    return made
  }

  #candidateOf(record: HostRecord, settings: Settings): Candidate | undefined {
    if (record.inventory === null) return undefined
    const known = this.#candidates.get(record.name)
    if (known) return known
    const servers = [...(this.#onHost.get(record.name) ?? [])]
    const made = candidate(record, record.inventory, servers, this.#aggregates, settings)
    this.#candidates.set(record.name, made)
    return made
  }

  /** The servers whose open moves may be others now. */
  async #followMigrations(tx: Reader): Promise<string[]> {
    const before = this.#moving
    this.#moving = byServer(await tx.list('migrations', { where: { open: true } }))
    return [...before.keys(), ...this.#moving.keys()]
  }

  #isUsed(imageId: string): boolean {
    for (const claims of this.#claims.values()) if (claims.some((claim) => claim.imageId === imageId)) return true
    return false
  }

  async #readAll(tx: Reader): Promise<void> {
    this.#claims.clear()
    this.#onHost.clear()
    this.#hostOf.clear()
    this.#forgetHosts()
    const images = new Map((await tx.list('images', { where: { deleted: false } })).map((image) => [image.id, image]))
    for (const server of await tx.list('servers', { where: { deleted: false } }))
      this.#add(server, server.imageId === null ? undefined : images.get(server.imageId))
  }

  #forgetHosts(): void {
    this.#candidates.clear()
    this.#shown.clear()
  }

  #forgetHost(name: string): void {
    this.#candidates.delete(name)
    this.#shown.delete(name)
  }

  async #readAgain(tx: Reader, id: string): Promise<void> {
    for (const claim of this.#claims.get(id) ?? []) {
      this.#onHost.get(claim.host)?.delete(claim)
      this.#forgetHost(claim.host)
    }
    this.#claims.delete(id)
    this.#hostOf.delete(id)
    const server = await tx.get('servers', id)
    if (server && !server.deleted) this.#add(server, server.imageId === null ? undefined : await imageOf(tx, server.imageId))
  }

  #add(server: Server, image: Image | undefined): void {
    const { id } = server
    const claims = claimsOf(server, this.#moving.get(id)).map((claim) => placedServer(server, claim, image))
    this.#claims.set(id, claims)
    if (server.host !== null) this.#hostOf.set(id, server.host)
    for (const claim of claims) {
      const there = this.#onHost.get(claim.host) ?? new Set()
      this.#onHost.set(claim.host, there.add(claim))
      this.#forgetHost(claim.host)
    }
  }
}

/** A deleted image claims nothing. */
async function imageOf(tx: Reader, id: string): Promise<Image | undefined> {
  const image = await tx.get('images', id)
  return image?.deleted ? undefined : image
}
