/** What the definition of a guest takes from its host. */
import type { Acceleration } from '../qemu-program.ts'

export interface DomainFacts {
  readonly accelerator: Acceleration['accelerator']
  /** Path of the emulator; null lets libvirt choose. */
  readonly emulator: string | null
  /** The versioned machine type of the first boot; null takes the newest. */
  readonly machineType: string | null
  /** Of each vCPU the host's CPU that it has for itself; empty for a guest that is not pinned. */
  readonly pins: readonly number[]
  /** Of each guest cell the host's NUMA cell that its memory comes from; empty leaves it to the host. */
  readonly hostCells: readonly number[]
}
