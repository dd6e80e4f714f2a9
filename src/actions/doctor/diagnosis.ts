/** A finding on its way to a repair. */
import type { GuestState, TidyOrder } from '../../drivers/driver.ts'
import type { Finding, FindingCode } from '../../model/finding.ts'

/** A finding with what its repair needs to know. */
export interface Diagnosis extends Omit<Finding, 'fixed'> {
  readonly serverId: string | null
  readonly host: string | null
  readonly guest: GuestState | null
  /** Hosts that hold a copy of the server beside the one that its record names. */
  readonly staleHosts: readonly string[]
  /** What to clear away on the host. */
  readonly orders: readonly TidyOrder[]
  /** The image that the host's cache needs anew; null for none. */
  readonly digest: string | null
}

type Facts = Partial<Pick<Diagnosis, 'serverId' | 'host' | 'guest' | 'repair' | 'staleHosts' | 'orders' | 'digest'>> & {
  readonly severity?: Finding['severity']
}

export const found = (code: FindingCode, object: string, message: string, facts: Facts = {}): Diagnosis => ({
  code,
  object,
  message,
  severity: 'error',
  repair: null,
  serverId: null,
  host: null,
  guest: null,
  staleHosts: [],
  orders: [],
  digest: null,
  ...facts,
})
