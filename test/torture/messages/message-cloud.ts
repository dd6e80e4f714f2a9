/** A cloud whose parts talk by messages that meet their fates. */
import type { Random } from '../../../src/core/ports.ts'
import type { ScriptedHost } from '../../../src/hosts/scripted.ts'
import type { Cloud } from '../../support/a-cloud.ts'
import type { TestContext } from '../../support/a-context.ts'
import type { Effects } from './effects.ts'
import type { Fates } from './fates.ts'

export const hostNames = ['host-a', 'host-b']

/** What all kinds of it are made of. */
export interface World {
  readonly clock: TestContext['clock']
  readonly random: Random
  readonly fates: Fates
  readonly effects: Effects
  /** Milliseconds that a call to a host may take. */
  readonly deadlineMs: number
  readonly around: (host: ScriptedHost) => ScriptedHost
}

export interface MessageCloud {
  readonly cloud: Cloud
  /** A process that takes calls. */
  caller(): TestContext
  /** Somebody dies and is replaced, or loses the connection; says what. */
  disturb(random: () => number): Promise<string | undefined>
  /** From now on every message arrives, and everybody is there. */
  heal(): Promise<void>
  /** No message is under way any more, as far as that is known. */
  isQuiet(): boolean
  /** A process that ends what was left. */
  recoverer(): Promise<TestContext>
  /** Answers that nobody waited for: what the buses counted, and what the messages say. */
  late(): { readonly counted: number; readonly expected: number }
  /** What must not be, of its own kind. */
  findings(): string[]
  close(): Promise<void>
}
