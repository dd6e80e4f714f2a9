import type { PowerState } from '../../model/states.ts'
import type { GuestSpec } from '../driver.ts'

/** What the fake hypervisor keeps of one guest, in `<instancesPath>/<id>/guest.json`. */
export interface Guest {
  readonly id: string
  readonly epoch: number
  readonly powerState: PowerState
  readonly spec: GuestSpec | null
  readonly disks: readonly string[]
  readonly configDrive: boolean
  readonly rescued: boolean
  readonly log: string
  /** A domain of somebody else's in our care. */
  readonly isAdopted?: true
  /** It stopped here to go on there; what it did until then. */
  readonly moved?: { readonly to: string; readonly powerState: PowerState } | undefined
}
