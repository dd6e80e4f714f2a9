/** The hardware of a guest that asks for nothing. */
import type { GuestHardware } from './driver.ts'

export const plainHardware: GuestHardware = {
  firmware: 'bios',
  display: null,
  video: null,
  tpm: null,
  watchdog: null,
  topology: null,
  cpuShares: null,
  cpuPeriod: null,
  cpuQuota: null,
  disk: null,
  inbound: null,
  outbound: null,
  cells: [],
  pageSizeKb: null,
  pinned: false,
  multiqueue: false,
  hidden: false,
}
