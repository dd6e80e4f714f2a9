import type { Queues } from '../bus/bus.ts'
import type { ComputeClient } from '../compute/client.ts'
import type { Action, AnyAction } from '../core/action.ts'
import type { Call } from '../core/call.ts'
import type { RoleNeeded } from '../core/perform.ts'
import type { Clock, ProcessIdentity, Random } from '../core/ports.ts'
import type { Flows } from '../flows/runner.ts'
import type { ImageStore } from '../image/store.ts'
import type { AuditEntry } from '../model/audit.ts'
import type { Post } from '../notifications/post.ts'
import type { SettingSource } from '../read-settings.ts'
import type { Settings } from '../settings.ts'
import type { Archive } from '../state/archive.ts'
import type { ChainReport } from '../state/audit-report.ts'
import type { JournalReport } from '../state/journal-report.ts'
import type { Moment, Reader, Store, Transaction } from '../state/store.ts'
import type { Upkeep } from '../state/upkeep.ts'
import type { Vault } from '../state/vault.ts'

/** What an action may use: interfaces only, made lazily by main.ts so that a read pays for a read. */
export interface Context extends Call {
  /** In a plan: a draft over the real store. */
  readonly store: Store
  readonly flows: Flows
  readonly compute: ComputeClient
  readonly images: ImageStore
  readonly vault: Vault
  /** Where deleted servers go with all that belongs to them; the same in a plan, which must leave it alone. */
  readonly archive: () => Promise<Archive>
  /** Looks at the stored form of the records and brings it up to date. */
  readonly upkeep: () => Promise<Upkeep>
  readonly clock: Clock
  readonly random: Random
  readonly settings: Settings
  /** Makes a process of its own work the flows that nobody owns (`--no-wait`). */
  readonly background: () => Promise<void>
  /** The queues of the message broker; undefined where there is none. */
  readonly queues?: Queues | undefined
  /** Whether a process of this machine runs. */
  readonly isRunning?: (process: ProcessIdentity) => boolean
  /** Checks everything that the state directory holds, also when it cannot be opened. */
  readonly verifyJournal: () => Promise<JournalReport>
  /** Entries of the audit log that match, newest first. */
  readonly audit: (options: { readonly limit: number }, matches: (entry: AuditEntry) => boolean) => Promise<AuditEntry[]>
  /** Whether every line of the audit log continues those before it. */
  readonly verifyAudit: () => Promise<ChainReport>
  /** The role that an action needs: its own, or what the policy file says. */
  readonly roleNeeded: (action: AnyAction) => Promise<RoleNeeded>
  /** Every setting with where its value is from. */
  readonly settingSources: () => readonly SettingSource[]
  /** What is wrong with settings and policy on the disk, one sentence a problem. */
  readonly checkConfiguration: () => Promise<string[]>
  /** Lets this process accept the ssh key of a host that is not known at all (`--accept-new`), and tell it. */
  readonly acceptNewKey: (host: string) => void
  /** Sends a notification to a webhook. */
  readonly post: Post
  /** Bytes of standard input, for sources given as `-`. */
  readonly input?: () => AsyncIterable<Uint8Array>
  /** Takes what is written to `-` in place of standard output. */
  readonly output?: (chunk: Uint8Array) => Promise<void>
  /** The past moment that reads look at (`--at`), or undefined for now. */
  readonly moment: Moment | undefined
}

/** Declares an action; only gives `run` its types. */
export const defineAction = <I, O>(action: Action<I, O, Context>): Action<I, O, Context> => action

/** Reads over one revision: now, or the moment the caller asked for. */
export const reading = <T>(context: Context, body: (reader: Reader) => Promise<T>) => context.store.read(body, context.moment)

/** One transaction in the caller's name. */
export const writing = <T>(context: Context, action: string, body: (tx: Transaction) => Promise<T>) =>
  context.store.transaction({ actor: context.userId, request: context.requestId, action }, body)
