/** What is plugged into a guest and out of it, whether it runs or not; its definition follows. */
import type { GuestDisk, GuestNic } from './guest.ts'

/** A driver has all of it or nothing. */
export interface HotPlug extends NicPlug, DiskPlug {}

export interface NicPlug {
  /** Nothing happens when the guest has a nic of that address. `unsupported` when the guest or the host cannot have it. */
  attachNic(id: string, nic: GuestNic): Promise<void>
  /**
   * Nothing happens when the guest has no such nic. A running guest must let go of it: `timeout` when it does not, and the nic
   * stays.
   */
  detachNic(id: string, mac: string): Promise<void>
}

/** Extra disks; each is known by its serial, in the guest as here. */
export interface DiskPlug {
  /**
   * Plugs an extra disk in, empty the first time; nothing happens when the guest has it. With `mustExist` a disk whose file is
   * gone is not made again: `not-found`. `unsupported` when the guest or the host cannot have it.
   */
  attachDisk(id: string, disk: GuestDisk, options?: { readonly mustExist: boolean }): Promise<void>
  /**
   * Destroys the extra disk with that serial; nothing happens when there is none. A running guest must let go of it first:
   * `timeout` when it does not, and the disk stays as it is.
   */
  detachDisk(id: string, serial: string): Promise<void>
}
