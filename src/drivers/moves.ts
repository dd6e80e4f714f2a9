/** Moves of guests between two hosts of one driver, stopped or running. */
import type { Host } from '../hosts/host.ts'
import type { GuestSpec } from './guest.ts'

/** Where guests live on another host, as this call may see it. */
export interface GuestPlace {
  readonly host: Host
  readonly instancesPath: string
  /** Where other hosts reach it; undefined when that is not known. */
  readonly address?: string | undefined
}

/** Moves of stopped guests between hosts of one driver: a driver has all of them or none. */
export interface Moves {
  /**
   * Puts the guest aside under another name: nothing lists, starts or destroys it until `takeBack` or `dropAside`.
   * `conflict` when it runs.
   */
  setAside(id: string): Promise<void>
  /**
   * Copies the disks of the guest that was put aside, as far as `spec` has them too, into the guest's directory on
   * another host, with the images below them that its cache lacks. `conflict` when a digest differs on arrival.
   */
  sendDisks(id: string, to: GuestPlace, spec: GuestSpec): Promise<void>
  /** Makes a guest that does not run yet of disks that arrived: they grow to the spec, and what is missing is made. */
  adopt(spec: GuestSpec): Promise<void>
  /** Puts the guest that was put aside back, in place of what has its name by now; nothing happens when none was. */
  takeBack(id: string): Promise<void>
  /** Destroys the guest that was put aside, if one was. */
  dropAside(id: string): Promise<void>
}

/** `shared`: both hosts see the same files; `copy`: the disks go along. */
export type StorageKind = 'shared' | 'copy'

/** How a live move goes. */
export interface LiveOrder {
  /**
   * How memory and disks travel: `tunnel` through the controller's own ssh connections, `tls` and `tcp` straight from host to
   * host, `tcp` in clear.
   */
  readonly transport: 'tunnel' | 'tls' | 'tcp'
  readonly storage: StorageKind
  /** Milliseconds that the guest may stand still at the switch-over; null leaves the hypervisor's own. */
  readonly maxDowntimeMs: number | null
  /** MiB a second; null for no limit. */
  readonly bandwidth: number | null
  /** Slows the guest down when its memory changes faster than it travels. */
  readonly autoConverge: boolean
  /** Lets `forceLive` switch over before all memory has travelled. */
  readonly postCopy: boolean
}

/** How far a live move is, in bytes. */
export interface LiveProgress {
  readonly phase: 'disks' | 'memory' | 'post-copy' | 'switch-over'
  readonly disks: { readonly total: number; readonly remaining: number }
  readonly memory: { readonly total: number; readonly remaining: number }
}

/** What a live move took; null where the hypervisor does not say. */
export interface LiveResult {
  readonly downtimeMs: number | null
  readonly totalMs: number | null
  readonly memoryBytes: number | null
  readonly diskBytes: number | null
}

/** Moves of running guests between hosts of one driver: a driver has all of them or none. */
export interface LiveMoves {
  /** Whether the guest's directory here and on the other host are one. */
  sharesWith(id: string, to: GuestPlace): Promise<boolean>
  /** On the source: brings the images below the disks of `spec` into the cache of the other host, where it lacks them. */
  sendImages(id: string, to: GuestPlace, spec: GuestSpec): Promise<void>
  /** On the destination: makes everything that the guest moves into; without shared storage also disks to copy into. Nothing runs yet. */
  makeRoom(spec: GuestSpec, order: LiveOrder): Promise<void>
  /**
   * On the source: moves the running guest. When it resolves the guest runs on the destination and no longer here. Repeated
   * after a cut it finds on which side the guest is, and goes on or begins again. `conflict` when it was aborted, and any other
   * fault: the guest runs here, unless the fault says otherwise.
   */
  moveLive(
    id: string,
    to: GuestPlace,
    spec: GuestSpec,
    order: LiveOrder,
    report: (progress: LiveProgress) => void,
  ): Promise<LiveResult>
  /** Ends the live move that is under way from this host; nothing happens when none is. */
  abortLive(id: string): Promise<void>
  /** Makes the live move end soon: by post-copy where the order allowed it, else by pausing the guest until all has travelled. */
  forceLive(id: string): Promise<void>
  /** Removes what this host has of a guest that lives elsewhere; shared disks stay. Never a guest that runs here. */
  leave(id: string, storage: StorageKind): Promise<void>
}
