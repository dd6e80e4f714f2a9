/** What every part of a driver for real hosts works with. */
import type { Clock, Random } from '../core/ports.ts'
import type { WriteLocal } from '../hosts/download.ts'
import type { Host } from '../hosts/host.ts'
import type { GuestSpec } from './driver.ts'

export interface DriverContext {
  readonly host: Host
  /** Absolute; where guests, the image cache and the port reservations live on the host. */
  readonly instancesPath: string
  readonly clock: Clock
  readonly random: Random
  readonly virtType: GuestSpec['virtType']
  /** How files get from the host to the controller; without it images of guests are `unsupported`. */
  readonly receive?: WriteLocal
}
