import { asFault, Fault, faultFrom } from '../core/fault.ts'
import { iso } from '../core/time.ts'
import type { FlowRecord, StepRecord } from '../model/flow.ts'
import type { Authorship, Transaction } from '../state/store.ts'
import type { AnyFlow, Step, StepResult, StepRun, Tools } from './flow.ts'

/** Thrown inside a run whose flow now belongs to somebody else; nothing more may be done. */
export class Dispossessed extends Error {}

/** How people know a flow: `create web-1`. */
export const labelOf = (record: Pick<FlowRecord, 'action' | 'label'>) => `${record.action} ${record.label}`

/** Who changes the records of a flow, for the journal. */
export const authorship = (record: Pick<FlowRecord, 'actor' | 'requestId' | 'name'>): Authorship => ({
  actor: record.actor,
  request: record.requestId,
  action: record.name,
})

/** A step that has not begun, or that begins at `startedAt`. */
export const pending = (name: string, startedAt: string | null): StepRecord => ({
  name,
  status: startedAt === null ? 'pending' : 'running',
  startedAt,
  finishedAt: null,
  durationMs: null,
  commands: [],
})

/**
 * Works one flow to its end: forward step by step, and after a failure backward, undoing what was done.
 * Every step is recorded before and after, so that whoever adopts the flow knows where it stands.
 */
export function flowDriver(options: {
  readonly catalogue: ReadonlyMap<string, AnyFlow>
  readonly tools: Tools
  /** The fault with which flows stop between two steps, once this process is about to end; its successor goes on. */
  readonly stopping?: () => Fault | undefined
}) {
  const { catalogue, tools } = options
  const { store, clock } = tools

  const flowOf = (name: string): AnyFlow => {
    const flow = catalogue.get(name)
    if (flow) return flow
    throw new Fault('unsupported', `flow ${name} is not known to this version`, { hint: 'use the version that began it' })
  }

  /** Changes the flow's record, if it is still ours. */
  async function save(
    record: FlowRecord,
    change: Partial<FlowRecord>,
    commit?: (tx: Transaction) => Promise<void>,
  ): Promise<FlowRecord> {
    return store.transaction(authorship(record), async (tx) => {
      const stored = await tx.get('flows', record.id)
      if (!stored?.open || stored.epoch !== record.epoch) throw new Dispossessed()
      await commit?.(tx)
      return tx.update('flows', { ...stored, ...change })
    })
  }

  async function drive(start: FlowRecord, signal: AbortSignal): Promise<FlowRecord> {
    const flow = flowOf(start.name)
    tools.progress({ type: 'flow', flow: labelOf(start), steps: flow.steps.map((step) => step.name) })
    let record = start
    while (record.open) {
      const stop = options.stopping?.()
      if (stop) throw stop
      record = record.status === 'running' ? await forward(flow, record, signal) : await backward(flow, record, signal)
      if (record.status === 'blocked') throw faultFrom(record.fault ?? { kind: 'internal', message: 'blocked' })
    }
    if (record.status === 'undone' && record.fault) throw faultFrom(record.fault)
    return record
  }

  /** Runs the first step that is not done, or closes the flow. */
  async function forward(flow: AnyFlow, record: FlowRecord, signal: AbortSignal): Promise<FlowRecord> {
    const index = record.steps.findIndex((step) => step.status !== 'done')
    const step = flow.steps[index]
    if (!step) return close(flow, record)
    const attempt = await perform(step, 'run', record, signal)
    if (attempt.fault) return turnBack(record, index, attempt)
    const at = iso(clock.wall())
    const steps = record.steps.map((entry, position) => {
      if (position === index)
        return { ...entry, status: 'done' as const, finishedAt: at, durationMs: attempt.ms, commands: attempt.commands }
      return position === index + 1 ? { ...entry, status: 'running' as const, startedAt: at } : entry
    })
    const state = attempt.result?.state === undefined ? record.state : attempt.result.state
    const last = index === flow.steps.length - 1
    const closing = last ? { status: 'done' as const, open: false, finishedAt: at } : {}
    const saved = await saveOrRefuse(record, { steps, state, ...closing }, async (tx) => {
      await attempt.result?.commit?.(tx)
      if (last) await flow.finish?.(tx, state, await tx.get('servers', record.serverId), tools)
    })
    if (saved instanceof Fault) return fail(record, index, step, { ...attempt, fault: saved })
    announce(record, step, 'done', attempt.commands)
    return saved
  }

  /** A fault that the commit itself throws (no host is left) comes back: it is the step that failed, not the store. */
  async function saveOrRefuse(record: FlowRecord, change: Partial<FlowRecord>, commit: (tx: Transaction) => Promise<void>) {
    let refusal: Fault | undefined
    const watched = (tx: Transaction) =>
      commit(tx).catch((error: unknown) => {
        refusal = asFault(error)
        throw error
      })
    return save(record, change, watched).catch((error: unknown) => {
      if (refusal) return refusal
      throw error
    })
  }

  function fail(record: FlowRecord, index: number, step: Step<unknown>, attempt: Attempt & { readonly fault: Fault }) {
    announceFailure(record, step, attempt.fault, attempt.commands)
    return turnBack(record, index, attempt)
  }

  const close = (flow: AnyFlow, record: FlowRecord) =>
    save(record, { status: 'done', open: false, finishedAt: iso(clock.wall()) }, async (tx) =>
      flow.finish?.(tx, record.state, await tx.get('servers', record.serverId), tools),
    )

  function turnBack(record: FlowRecord, index: number, attempt: Attempt): Promise<FlowRecord> {
    const steps = record.steps.map((entry, position) =>
      position === index
        ? {
            ...entry,
            status: 'failed' as const,
            finishedAt: iso(clock.wall()),
            durationMs: attempt.ms,
            commands: attempt.commands,
          }
        : entry,
    )
    return save(record, { status: 'undoing', steps, fault: (attempt.fault ?? new Fault('internal', 'failed')).toJSON() })
  }

  /** Undoes the last step that is not undone, or gives up. */
  async function backward(flow: AnyFlow, record: FlowRecord, signal: AbortSignal): Promise<FlowRecord> {
    const index = record.steps.findLastIndex((step) => step.status !== 'pending' && step.status !== 'undone')
    const step = flow.steps[index]
    if (!step) return settle(flow, record)
    const attempt = step.undo ? await perform(step, 'undo', record, signal) : { ms: 0, commands: [] }
    if (attempt.fault) return block(record, step, attempt.fault)
    const steps = record.steps.map((entry, position) => (position === index ? { ...entry, status: 'undone' as const } : entry))
    const state = attempt.result?.state === undefined ? record.state : attempt.result.state
    const saved = await save(record, { status: 'undoing', steps, state }, attempt.result?.commit?.bind(attempt.result))
    announce(record, step, 'undone', attempt.commands)
    return saved
  }

  function block(record: FlowRecord, step: Step<unknown>, cause: Fault): Promise<FlowRecord> {
    const fault = new Fault(cause.kind, `cannot undo ${step.name} of ${labelOf(record)}: ${cause.message}`, {
      hint: 'mend the cause, then: nova operation resume',
    })
    return save(record, { status: 'blocked', owner: null, fault: fault.toJSON() })
  }

  /** Everything is undone: start over, or close as undone. */
  function settle(flow: AnyFlow, record: FlowRecord): Promise<FlowRecord> {
    const fault = faultFrom(record.fault ?? { kind: 'internal', message: 'failed' })
    const again = flow.retry?.(record.state, fault, tools)
    const at = iso(clock.wall())
    if (again !== undefined)
      return save(record, {
        status: 'running',
        state: again,
        fault: null,
        steps: flow.steps.map((step, index) => pending(step.name, index === 0 ? at : null)),
      })
    return save(record, { status: 'undone', open: false, finishedAt: at }, async (tx) =>
      flow.giveUp?.(tx, record.state, await tx.get('servers', record.serverId), fault, tools),
    )
  }

  interface Attempt {
    readonly result?: StepResult<unknown> | undefined
    readonly fault?: Fault
    readonly ms: number
    readonly commands: readonly string[]
  }

  async function perform(step: Step<unknown>, way: 'run' | 'undo', record: FlowRecord, signal: AbortSignal): Promise<Attempt> {
    const commands: string[] = []
    const run: StepRun<unknown> = {
      state: record.state,
      serverId: record.serverId,
      requestId: record.requestId,
      epoch: record.epoch,
      signal,
      tools,
      commands: (lines) => commands.push(...lines),
    }
    announce(record, step, way === 'run' ? 'running' : 'undoing')
    const began = clock.monotonic()
    const elapsed = () => Math.round(clock.monotonic() - began)
    try {
      return { result: await step[way]?.(run), ms: elapsed(), commands }
    } catch (error) {
      if (signal.aborted) throw new Dispossessed()
      const fault = asFault(error)
      announceFailure(record, step, fault, commands)
      return { fault, ms: elapsed(), commands }
    }
  }

  const announceFailure = (record: FlowRecord, step: Step<unknown>, { message }: Fault, commands: readonly string[]) =>
    tools.progress({ type: 'step', flow: labelOf(record), step: step.name, status: 'failed', message, commands })

  function announce(
    record: FlowRecord,
    step: Step<unknown>,
    status: 'running' | 'done' | 'undoing' | 'undone',
    commands?: readonly string[],
  ) {
    tools.progress({
      type: 'step',
      flow: labelOf(record),
      step: step.name,
      status,
      ...(commands === undefined ? {} : { commands }),
    })
  }

  return drive
}
