/** The preflight of a host beside its driver's calls: a host without a working driver can be checked too. */
import type { Serve } from '../bus/bus.ts'
import type { Clock } from '../core/ports.ts'
import type { Host } from '../hosts/host.ts'
import { preflight } from './preflight.ts'
import type { CheckedHost } from './preflight-finding.ts'

export interface PreflightOptions {
  readonly host: Host
  readonly record: CheckedHost
  readonly clock: Clock
  /** Answers all other calls. */
  readonly agent: Serve
}

/** Answers `preflight`, and hands everything else to the agent. */
export function preflightAgent({ host, record, clock, agent }: PreflightOptions): Serve {
  return async (message, signal, report) => {
    if (message.method !== 'preflight') return agent(message, signal, report)
    return { result: await preflight(host, record, clock), commands: [] }
  }
}
