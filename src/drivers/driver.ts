/**
 * Terminology.
 * - guest: what the hypervisor runs for one server; its id is the server's id.
 * - directory: the guest's own directory on the host, `<instancesPath>/<id>`, mode 0700.
 * - capability: an optional method; a driver that lacks it cannot do it, and callers say `unsupported`.
 * A driver belongs to one host, holds no records, and every method is idempotent: done twice it changes nothing.
 */

import type { Host } from '../hosts/host.ts'
import type { Inventory } from '../model/host.ts'
import type { ImageFormat } from '../model/image.ts'
import type { NicKind } from '../model/server.ts'
import type { PowerState } from '../model/states.ts'

/** An image as a host needs it. The digest (SHA-256, hex) is its name in the host's cache. */
export interface GuestImage {
  readonly id: string
  readonly digest: string
  readonly format: ImageFormat
  readonly size: number
  readonly virtualSize: number
}

export interface GuestDisk {
  readonly role: 'root' | 'ephemeral' | 'swap' | 'config' | 'rescue'
  /** The cached image it is an overlay of, or null for an empty disk. */
  readonly image: GuestImage | null
  /** Bytes that the guest sees; 0 means the image's own. */
  readonly bytes: number
  readonly bus: 'virtio' | 'ide' | 'scsi'
}

export interface GuestNic {
  readonly kind: NicKind
  /** Name of the bridge or network on the host; absent for `user`. */
  readonly source?: string | undefined
  readonly mac: string
  /** TCP port on the host's loopback that is forwarded to the guest's port 22; null for none. */
  readonly sshPort: number | null
  readonly model: 'virtio' | 'e1000'
}

/** Everything a driver needs to make and to start a guest again; kept on the host as guest.json. */
export interface GuestSpec {
  readonly id: string
  /** Shown in process lists; a slug. */
  readonly name: string
  readonly vcpus: number
  /** MiB. */
  readonly ram: number
  readonly machine: 'pc' | 'q35'
  readonly virtType: 'auto' | 'kvm' | 'qemu'
  readonly cpuModel: string | null
  readonly disks: readonly GuestDisk[]
  readonly nics: readonly GuestNic[]
  /** Direct kernel boot; null boots the root disk. */
  readonly kernel: { readonly kernel: GuestImage; readonly ramdisk: GuestImage | null; readonly commandLine: string } | null
  readonly rng: boolean
  /** What flavor and image ask for beyond the plain guest. */
  readonly hardware?: GuestHardware | undefined
}

/** Most operations or bytes a second; null for no limit. */
export interface DiskLimits {
  readonly readBytes: number | null
  readonly writeBytes: number | null
  readonly totalBytes: number | null
  readonly readOps: number | null
  readonly writeOps: number | null
  readonly totalOps: number | null
}

/** KiB a second; `burst` is KiB. */
export interface NicLimit {
  readonly average: number
  readonly peak: number | null
  readonly burst: number | null
}

/** One NUMA cell of a guest. */
export interface GuestCell {
  readonly cpus: readonly number[]
  readonly memoryMb: number
}

/** Every field is null, false or empty for a plain guest. */
export interface GuestHardware {
  readonly firmware: 'bios' | 'uefi' | 'uefi-secure'
  readonly display: 'vnc' | null
  readonly video: 'virtio' | 'vga' | 'cirrus' | 'qxl' | 'bochs' | null
  readonly tpm: { readonly model: 'tis' | 'crb'; readonly version: '1.2' | '2.0' } | null
  readonly watchdog: 'reset' | 'poweroff' | 'pause' | 'none' | null
  readonly topology: { readonly sockets: number; readonly cores: number; readonly threads: number } | null
  readonly cpuShares: number | null
  /** Microseconds. */
  readonly cpuPeriod: number | null
  readonly cpuQuota: number | null
  readonly disk: DiskLimits | null
  readonly inbound: NicLimit | null
  readonly outbound: NicLimit | null
  /** Empty: no NUMA for the guest. */
  readonly cells: readonly GuestCell[]
  /** `large` takes the host's own choice of huge pages. */
  readonly pageSizeKb: number | 'large' | null
  /** Every vCPU has a CPU of the host for itself. */
  readonly pinned: boolean
  readonly multiqueue: boolean
  /** Hides the hypervisor from the guest. */
  readonly hidden: boolean
}

/** A file of the config drive: path below its root and content. */
export interface ConfigDriveFile {
  readonly path: string
  readonly content: string
}

export interface GuestState {
  readonly id: string
  readonly powerState: PowerState
  /** For a person: pid, qemu status … */
  readonly detail: string
  /** The hypervisor has it, this driver did not make it: it is reported and never touched. */
  readonly isForeign?: true
}

export interface Diagnostics {
  readonly powerState: PowerState
  readonly uptimeSeconds: number | null
  readonly cpuSeconds: number | null
  readonly memoryMb: { readonly maximum: number; readonly used: number | null }
  readonly disks: readonly {
    readonly name: string
    readonly readBytes: number
    readonly readOps: number
    readonly writeBytes: number
    readonly writeOps: number
  }[]
  readonly nics: readonly { readonly mac: string; readonly rxBytes: number | null; readonly txBytes: number | null }[]
  readonly hypervisor: string
}

/** Where guests live on another host, as this call may see it. */
export interface GuestPlace {
  readonly host: Host
  readonly instancesPath: string
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

export interface Driver extends Partial<Moves>, Partial<LiveMoves> {
  /** What the host has. Faults: `unreachable`, `unsupported` with what to install. */
  inventory(): Promise<Inventory>
  /** Every guest that has a directory or a process on the host. */
  list(): Promise<GuestState[]>
  /** The truth about one guest, from its process; undefined when the host knows nothing of it. */
  inspect(id: string): Promise<GuestState | undefined>
  /** Defines the guest and starts it. Its disks are there already. A running guest of that id is left as it is. */
  spawn(spec: GuestSpec): Promise<void>
  /** Stops the guest and removes everything it has on the host, its directory last. */
  destroy(id: string): Promise<void>
  start(id: string): Promise<void>
  /** Asks the guest to shut down (ACPI) and forces it after `timeoutMs`; 0 forces at once. */
  stop(id: string, options: { readonly timeoutMs: number }): Promise<{ readonly forced: boolean }>
  reboot(id: string, options: { readonly kind: 'soft' | 'hard'; readonly timeoutMs: number }): Promise<void>

  /** Puts an image into the host's cache, once; `localPath` is the controller's file. */
  cacheImage?(image: GuestImage, localPath: string, onProgress?: (done: number, total: number) => void): Promise<void>
  /** Makes the guest's disks (not the config drive). */
  createDisks?(spec: GuestSpec): Promise<void>
  /** Throws the root disk away and makes it again from its image (rebuild). The guest is stopped. */
  recreateRootDisk?(spec: GuestSpec): Promise<void>
  createConfigDrive?(id: string, files: readonly ConfigDriveFile[]): Promise<void>
  pause?(id: string): Promise<void>
  unpause?(id: string): Promise<void>
  /** Saves memory to disk and ends the process. */
  suspend?(id: string): Promise<void>
  resume?(id: string): Promise<void>
  /** Starts the guest from a rescue disk with its own root as second disk; `unrescue` goes back. */
  rescue?(id: string, image: GuestImage): Promise<void>
  unrescue?(id: string): Promise<void>
  /** The last `bytes` of the serial log. */
  consoleLog?(id: string, bytes: number): Promise<string>
  /** Path of the unix socket of the serial console on the host. */
  consoleSocket?(id: string): Promise<string>
  diagnostics?(id: string): Promise<Diagnostics>
  /** By the guest agent; `unsupported` when none answers. */
  setPassword?(id: string, user: string, password: string): Promise<void>
  /** Where the guest's screen is shown, on the host's loopback; `unsupported` for a guest without one. */
  vncAddress?(id: string): Promise<{ readonly address: string; readonly port: number }>
  /** A TCP port on the host's loopback that is free and stays reserved for this guest. */
  reservePort?(id: string): Promise<number>
}
