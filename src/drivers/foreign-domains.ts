/** Guests of a host that somebody else made: looked at, taken into our care exactly as they are, and let go again. */
import type { DomainDigests, ForeignDisk } from '../model/adopted.ts'
import type { Nic } from '../model/server.ts'
import type { PowerState } from '../model/states.ts'

export interface ForeignDomain {
  /** Its UUID; an adopted one has it as its server's id. */
  readonly id: string
  readonly name: string
  readonly powerState: PowerState
  readonly vcpus: number
  /** MiB. */
  readonly ram: number
  readonly disks: readonly ForeignDisk[]
  /** A kind that servers do not have is told as a bridge whose name says what it is, for example `direct:eth0`. */
  readonly nics: readonly Nic[]
  /** Why it cannot be adopted; empty when it can. */
  readonly obstacles: readonly string[]
}

/** A domain was read, noted, and read again: both times with these digests. */
export interface CareTaken {
  readonly digests: DomainDigests
  readonly powerState: PowerState
}

/** Adoption of domains: a driver has all of them or none. */
export interface ForeignDomains {
  /** Every domain that this driver did not make, those included that were adopted. */
  foreignDomains(): Promise<ForeignDomain[]>
  /**
   * Notes beside the guests that the domain is in our care, and touches nothing else: it works by its id from now on.
   * `conflict` when its definition changed meanwhile; the notes are gone then.
   */
  adoptDomain(id: string): Promise<CareTaken>
  /**
   * Removes what we noted, and leaves the domain as it is. `conflict` when libvirt has it no more (our note is then all that
   * is left of it) or its definition changed meanwhile; with `insist` the notes go whatever is found.
   */
  releaseDomain(id: string, options: { readonly insist: boolean }): Promise<CareTaken>
}
