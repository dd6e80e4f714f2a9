/** How the steps of a flow stand in its record, and the steps that need no host. */
import { iso } from '../core/time.ts'
import type { StepRecord } from '../model/flow.ts'
import type { Transaction } from '../state/store.ts'
import type { AnyFlow, StepRun } from './flow.ts'

/** One run or undo of one step: how long, and what it did to hosts. */
export interface Tried {
  readonly ms: number
  readonly commands: readonly string[]
}

/** A step that has not begun, or that begins at `startedAt`. */
export const pending = (name: string, startedAt: string | null): StepRecord => ({
  name,
  status: startedAt === null ? 'pending' : 'running',
  startedAt,
  finishedAt: null,
  durationMs: null,
  commands: [],
})

/** `records` with the steps from `index` on ended, one for each of `tried`. */
export const ended = (
  records: readonly StepRecord[],
  index: number,
  tried: readonly Tried[],
  status: 'done' | 'failed',
  at: string,
): StepRecord[] =>
  records.map((entry, position) => {
    const one = tried[position - index]
    if (!one) return entry
    return { ...entry, status, startedAt: entry.startedAt ?? at, finishedAt: at, durationMs: one.ms, commands: [...one.commands] }
  })

/** Does what follows and needs no host, in the caller's transaction; the step after that begins. */
export async function passOver(
  tx: Transaction,
  flow: AnyFlow,
  records: readonly StepRecord[],
  about: Pick<StepRun<unknown>, 'state' | 'serverId' | 'tools'>,
): Promise<StepRecord[]> {
  const at = iso(about.tools.clock.wall())
  let steps = [...records]
  for (;;) {
    const index = steps.findIndex(({ status }) => status !== 'done')
    if (index < 0) return steps
    if (!(await flow.steps[index]?.within?.(tx, about)))
      return steps.map((entry, position) => (position === index ? { ...entry, status: 'running', startedAt: at } : entry))
    steps = ended(steps, index, [{ ms: 0, commands: [] }], 'done', at)
  }
}
