/**
 * The steps of a flow that another version of this program may have begun, in this program's order. A step that came since is
 * still to be done; every step is idempotent, so one that is done again after it does no harm. A step that this program does not know
 * is another version's work: it stays with who can do it.
 */
import { Fault } from '../core/fault.ts'
import type { FlowRecord, StepRecord } from '../model/flow.ts'
import type { AnyFlow } from './flow.ts'
import { pending } from './step-records.ts'

const hint = 'use the version that began it'

/** `unsupported` for a flow, or a step, of another version. */
export function knownSteps(
  catalogue: ReadonlyMap<string, AnyFlow>,
  { name, steps }: Pick<FlowRecord, 'name' | 'steps'>,
): readonly StepRecord[] {
  const flow = catalogue.get(name)
  if (!flow) throw new Fault('unsupported', `flow ${name} is not known to this version`, { hint })
  const own = flow.steps.map((step) => step.name)
  const foreign = steps.find((step) => !own.includes(step.name))
  if (foreign) throw new Fault('unsupported', `step ${foreign.name} of flow ${name} is not known to this version`, { hint })
  return own.map((step) => steps.find((recorded) => recorded.name === step) ?? pending(step, null))
}
