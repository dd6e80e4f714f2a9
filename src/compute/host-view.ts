/** A host as one call may see it: fenced for its guest, its commands written down, in a plan only written down. */
import { fencedHost } from '../hosts/fenced-host.ts'
import type { Host } from '../hosts/host.ts'
import { type Recording, recordingHost } from '../hosts/recording-host.ts'

/** A host that runs guests. */
export interface ComputeHost {
  readonly host: Host
  readonly instancesPath: string
  /** Where other hosts reach it; undefined for the controller's own machine, which has no name that holds everywhere. */
  readonly address?: string | undefined
  /** False for a driver that fences by itself. */
  readonly fenced: boolean
}

/** One overlay for each host of a whole plan: a later call sees what an earlier one would have written. */
export type Plans = Map<string, Recording>

export interface ViewOptions {
  readonly serverId: string | null
  readonly epoch: number
  readonly plan: boolean
  /** False for calls that change nothing of the guest. */
  readonly fence: boolean
}

/** The host behind the call's fence and record. */
export function hostView({ host, instancesPath, fenced }: ComputeHost, options: ViewOptions, plans: Plans): Recording {
  const { serverId, epoch, plan, fence } = options
  if (!plan) {
    const isOpen = !fenced || !fence || serverId === null
    return recordingHost(isOpen ? host : fencedHost(host, `${instancesPath}/${serverId}`, epoch), { planning: false })
  }
  const known = plans.get(host.name) ?? recordingHost(host, { planning: true })
  plans.set(host.name, known)
  return known
}
