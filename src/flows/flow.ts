/**
 * Terminology.
 * - flow: ordered steps over one typed JSON state; recorded before and after each step.
 * - undo: takes back what a step did; also runs for a step that failed half-way.
 * - owner: the process that works on a flow; when it dies the next process adopts the flow.
 * - epoch: grows with every owner of any flow of a server, and whenever a flow turns back or begins anew; hosts refuse commands of a
 *   lower one.
 * Every run and every undo is idempotent: adoption repeats the step that was under way.
 */
import type { ComputeClient } from '../compute/client.ts'
import type { Fault } from '../core/fault.ts'
import type { Clock, ProgressEvent, Random } from '../core/ports.ts'
import type { ImageStore } from '../image/store.ts'
import type { Server } from '../model/server.ts'
import type { Settings } from '../settings.ts'
import type { Store, Transaction } from '../state/store.ts'
import type { Vault } from '../state/vault.ts'

/** What steps may use. */
export interface Tools {
  readonly store: Store
  readonly compute: ComputeClient
  readonly images: ImageStore
  readonly vault: Vault
  readonly clock: Clock
  readonly random: Random
  readonly settings: Settings
  readonly progress: (event: ProgressEvent) => void
  /** Hosts only write down what they would do: nothing they say of it can be true yet. */
  readonly plan: boolean
}

/** One run of one step. */
export interface StepRun<S> {
  readonly state: S
  readonly serverId: string
  readonly requestId: string
  readonly epoch: number
  /** Aborts when another process took the flow over. */
  readonly signal: AbortSignal
  readonly tools: Tools
  /** Notes the host commands that this step ran, or in a plan would run. */
  readonly commands: (lines: readonly string[]) => void
}

/** What a step leaves: the flow's next state, and changes of records that commit together with "step done". */
export interface StepResult<S> {
  readonly state?: S
  commit?(tx: Transaction): Promise<void>
}

export interface Step<S> {
  readonly name: string
  /**
   * Does the whole step in the transaction that ends the step before it, when no host is needed: one record of both.
   * False, with nothing written, when `run` has to do it.
   */
  within?(tx: Transaction, about: Pick<StepRun<S>, 'state' | 'serverId' | 'tools'>): Promise<boolean>
  /** It only looks. Repeating the step before it is as good, so both are recorded together when that one leaves nothing. */
  readonly looks?: true
  run(run: StepRun<S>): Promise<StepResult<S> | undefined>
  undo?(run: StepRun<S>): Promise<StepResult<S> | undefined>
}

export interface Flow<S> {
  /** For example `boot-server`. */
  readonly name: string
  /** The instance action's word: create, delete, stop … */
  readonly action: string
  readonly steps: readonly Step<S>[]
  /** After the last step, in the transaction that closes the flow. */
  finish?(tx: Transaction, state: S, server: Server | undefined, tools: Tools): Promise<void>
  /** After everything is undone: another state to start over with, or undefined to give up. */
  retry?(state: S, fault: Fault, tools: Tools): S | undefined
  /** When it gave up, in the transaction that closes the flow. */
  giveUp?(tx: Transaction, state: S, server: Server | undefined, fault: Fault, tools: Tools): Promise<void>
}

/** A step that may be in any flow's list. */
// biome-ignore lint/suspicious/noExplicitAny: the catalogue holds flows of every state type
export type AnyFlow = Flow<any>
