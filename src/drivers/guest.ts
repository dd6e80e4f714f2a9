/** A guest as drivers see it: what it is made of, what state it is in, what it reports. */
import type { ImageFormat } from '../model/image.ts'
import type { NicKind } from '../model/server.ts'
import type { PowerState } from '../model/states.ts'

/** A controller's file with an image's bytes, or what gets it when the host turns out to need it. */
export type ImageFile = string | (() => Promise<string>)

/** An image as a host needs it. The digest (SHA-256, hex) is its name in the host's cache. */
export interface GuestImage {
  readonly id: string
  readonly digest: string
  readonly format: ImageFormat
  readonly size: number
  readonly virtualSize: number
}

export interface GuestDisk {
  readonly role: 'root' | 'ephemeral' | 'swap' | 'config' | 'rescue' | 'extra'
  /** The cached image it is an overlay of, or null for an empty disk. */
  readonly image: GuestImage | null
  /** Bytes that the guest sees; 0 means the image's own. */
  readonly bytes: number
  readonly bus: 'virtio' | 'ide' | 'scsi'
  /** Of an extra disk: 20 hex digits that the guest sees, and that name its file. */
  readonly serial?: string | undefined
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
  /** A mode, or a model with features as QEMU writes them: `Haswell,+pcid,-hle`; null for the usual one. */
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
  /** Somebody else made it and it was taken into our care as it is: it is operated, and never destroyed. */
  readonly isAdopted?: true
  /** The host has files of it and no definition: it may be another's that shares the directory. */
  readonly hasFilesOnly?: true
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
