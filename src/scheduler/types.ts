/**
 * Terminology.
 * - candidate: a host as the scheduler sees it: inventory, what is claimed on it, its aggregates and its servers.
 * - request: what one server needs, with hints.
 * - filter: says whether a candidate passes, or why not, with numbers.
 * - weigher: gives a raw number to each candidate that passed; normalised to 0..1 over them, times its multiplier.
 */
import type { Pairs } from '../core/schema.ts'
import type { FlavorCopy } from '../model/flavor.ts'
import type { HostRecord, Inventory } from '../model/host.ts'
import type { Aggregate, ServerGroup } from '../model/placement.ts'

/** A server already on a host, or being built there. */
export interface PlacedServer {
  readonly id: string
  readonly projectId: string
  readonly host: string
  readonly flavorId: string
  readonly imageId: string | null
  readonly groupId: string | null
  /** True while a build, resize, rebuild or snapshot is in flight. */
  readonly busy: boolean
  readonly ram: number
  readonly vcpus: number
  /** GiB, root (the image's size when the flavor says 0) and ephemeral; swap rounded up. */
  readonly disk: number
  readonly extraSpecs: Pairs
}

/** Claimed amounts on one host: MiB, vCPUs, GiB. */
export interface Claimed {
  readonly ram: number
  readonly vcpus: number
  readonly disk: number
}

export interface Ratios {
  readonly cpu: number
  readonly ram: number
  readonly disk: number
}

export interface Candidate {
  readonly name: string
  readonly record: HostRecord
  readonly inventory: Inventory
  readonly claimed: Claimed
  readonly ratios: Ratios
  readonly reserved: { readonly memoryMb: number; readonly diskGb: number }
  readonly aggregates: readonly Aggregate[]
  /** The zone it is in: its aggregate's `availability_zone`, or the default zone. */
  readonly zone: string
  readonly servers: readonly PlacedServer[]
  /** How many of `servers` are busy, where the builder knows it already; counted when absent. */
  readonly busyServers?: number
  /** Milliseconds since the host was last heard of; null when it does not report. */
  readonly silentMs: number | null
}

export interface ImageFacts {
  readonly id: string
  readonly name: string
  readonly minRam: number
  readonly minDisk: number
  readonly properties: Pairs
}

export interface Hints {
  readonly differentHost: readonly string[]
  readonly sameHost: readonly string[]
  readonly buildNearHostIp: string | null
  readonly cidr: string | null
  /** JSON text of a JsonFilter query. */
  readonly query: string | null
}

export interface PlacementRequest {
  readonly serverId: string
  readonly serverName: string
  readonly projectId: string
  readonly flavor: FlavorCopy
  readonly image: ImageFacts | null
  /** GiB the server will claim: root (or the image's size), ephemeral and swap. */
  readonly diskGb: number
  readonly availabilityZone: string | null
  /** `az:host`: only this host; the filters still run. */
  readonly forcedHost: string | null
  readonly hints: Hints
  readonly group: ServerGroup | null
  /** Hosts that already failed this request. */
  readonly triedHosts: readonly string[]
}

/** A PCI device type under the name that flavors use in `pci_passthrough:alias`. */
export interface PciAlias {
  readonly name: string
  /** Four hex digits, as in the inventory. */
  readonly vendorId: string
  readonly productId: string
}

export interface SchedulerSettings {
  readonly filters: readonly string[]
  readonly weighers: readonly { readonly name: string; readonly multiplier: number }[]
  readonly hostSubsetSize: number
  readonly maxIoOpsPerHost: number
  readonly maxInstancesPerHost: number
  readonly isolatedHosts: readonly string[]
  readonly isolatedImages: readonly string[]
  readonly restrictIsolatedHosts: boolean
  readonly defaultZone: string
  /** Milliseconds of silence after which a host counts as down. */
  readonly downAfterMs: number
  /** Names for PCI devices; `vendor:product` is always a name too. */
  readonly pciAliases?: readonly PciAlias[]
}

/** Why a host was refused: a sentence with numbers, and the numbers themselves when a smaller request would fit. */
export interface Refusal {
  readonly reason: string
  /** What it needs and what is there, in `unit`; lets explain find the nearest host. */
  readonly shortage?: {
    readonly resource: 'ram' | 'vcpus' | 'disk'
    readonly needed: number
    readonly free: number
    readonly unit: string
  }
  /** The smallest change of the request that this filter would accept here, for example `drop hint different_host`. */
  readonly change?: string
  /** What an operator would do to this host instead, when no change of the request helps. */
  readonly repair?: string
}

/** Facts about the whole fleet that some filters need (where other servers are). */
export interface Fleet {
  readonly candidates: readonly Candidate[]
  /** Host of a server by id, for same/different host hints. */
  hostOf(serverId: string): string | undefined
  readonly settings: SchedulerSettings
}

/** One filter made ready for one request: what the request says is parsed once, not once a host. */
export type Check = (candidate: Candidate) => true | Refusal

export interface Filter {
  /** As in Nova, for example `RamFilter`. */
  readonly name: string
  /** The check for one request, or null when every host passes; throws an `invalid` fault when the request makes no sense. */
  prepare?(request: PlacementRequest, fleet: Fleet): Check | null
  passes(candidate: Candidate, request: PlacementRequest, fleet: Fleet): true | Refusal
}

export interface Weigher {
  /** For example `ram`. */
  readonly name: string
  /** False when every host weighs 0 for this request; always asked when absent. */
  applies?(request: PlacementRequest): boolean
  weigh(candidate: Candidate, request: PlacementRequest, fleet: Fleet): number
}

/** What each filter and weigher said of one host. */
export interface Verdict {
  readonly host: string
  readonly refusals: readonly ({ readonly filter: string } & Refusal)[]
  /** Filters that were not asked because an earlier one refused (hot path only). */
  readonly complete: boolean
  readonly weights: readonly {
    readonly weigher: string
    readonly raw: number
    readonly normalised: number
    readonly weighted: number
  }[]
  readonly total: number | null
}

/** The kept answer to one placement. */
export interface Decision {
  readonly serverId: string
  readonly serverName: string
  readonly chosen: string | null
  readonly needs: { readonly ram: number; readonly vcpus: number; readonly disk: number; readonly zone: string | null }
  readonly verdicts: readonly Verdict[]
  /** The host that failed by least and the smallest change of the request that would fit there. */
  readonly nearest: { readonly host: string; readonly change: string } | null
}
