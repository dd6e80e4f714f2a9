/** The composition root's side of long work: the flows of one call over a store; in a plan that store is a draft. */
import type { ComputeClient } from '../compute/client.ts'
import type { ProgressSink } from '../core/ports.ts'
import type { Elsewhere, FlowLedger, Flows } from '../flows/runner.ts'
import type { ImageStore } from '../image/store.ts'
import { lazily } from '../lazily.ts'
import type { Settings } from '../settings.ts'
import type { Store } from '../state/store.ts'
import type { Vault } from '../state/vault.ts'
import { systemClock as clock } from '../system/clock.ts'
import { systemProcesses as processes } from '../system/processes.ts'
import { systemRandom as random } from '../system/random.ts'

export interface FlowOptions {
  readonly store: Store
  readonly vault: Vault
  readonly compute: ComputeClient
  readonly plan: boolean
  readonly progress: ProgressSink
  readonly settings: Settings
  /** What all calls of this process run. */
  readonly ledger: FlowLedger
  /** Set in a process that leaves flows to conductors. */
  readonly elsewhere?: Elsewhere | undefined
  readonly images: ImageStore
}

/** The flows of one call: their progress is that call's, what runs is known to all calls. */
export function makeFlows({ ledger, elsewhere, ...given }: FlowOptions): Flows {
  return lazily<Flows>(async () => {
    const [{ flowRunner }, { flowCatalogue }] = await Promise.all([import('../flows/runner.ts'), import('../flows/catalogue.ts')])
    const tools = { ...given, clock, random }
    return flowRunner({ catalogue: flowCatalogue, tools, processes, ...(given.plan ? {} : { ledger, elsewhere }) })
  })
}
