/** What is plugged into a guest and out of it, whether it runs or not; its definition follows. */
import type { GuestNic } from './guest.ts'

/** A driver has both or none. */
export interface HotPlug {
  /** Nothing happens when the guest has a nic of that address. `unsupported` when the guest or the host cannot have it. */
  attachNic(id: string, nic: GuestNic): Promise<void>
  /**
   * Nothing happens when the guest has no such nic. A running guest must let go of it: `timeout` when it does not, and the nic
   * stays.
   */
  detachNic(id: string, mac: string): Promise<void>
}
