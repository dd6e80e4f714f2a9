import { asFault, Fault, faultFrom } from '../core/fault.ts'
import { iso } from '../core/time.ts'
import type { FlowRecord } from '../model/flow.ts'
import type { Authorship, Transaction } from '../state/store.ts'
import type { AnyFlow, Step, StepResult, StepRun, Tools } from './flow.ts'
import { ended, passOver, pending, type Tried } from './step-records.ts'

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
  const save = (record: FlowRecord, change: Partial<FlowRecord>, commit?: (tx: Transaction) => Promise<void>) =>
    saveAs(record, async (tx) => {
      await commit?.(tx)
      return change
    })

  /** The same for a change that the transaction finds out. */
  const saveAs = (record: FlowRecord, changeIn: (tx: Transaction) => Promise<Partial<FlowRecord>>): Promise<FlowRecord> =>
    store.transaction(authorship(record), async (tx) => {
      const stored = await tx.get('flows', record.id)
      if (!stored?.open || stored.epoch !== record.epoch) throw new Dispossessed()
      const change = await changeIn(tx)
      return tx.update('flows', { ...stored, ...change })
    })

  async function drive(start: FlowRecord, signal: AbortSignal): Promise<FlowRecord> {
    const flow = flowOf(start.name)
    tools.progress({ type: 'flow', flow: labelOf(start), steps: flow.steps.map((step) => step.name) })
    if (start.status === 'running') for (const step of doneSteps(flow, start)) announce(start, step, 'done')
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
    const next = attempt.result === undefined ? flow.steps[index + 1] : undefined
    if (!next?.looks) return advance(flow, record, index, [attempt])
    announce(record, step, 'done', attempt.commands)
    const look = await perform(next, 'run', record, signal)
    if (!look.fault) return advance(flow, record, index, [attempt, look])
    const steps = ended(record.steps, index, [attempt], 'done', iso(clock.wall()))
    return turnBack({ ...record, steps }, index + 1, look)
  }

  /** Records the steps from `index` on as done, with what the last one leaves, and with those that follow and need no host. */
  async function advance(flow: AnyFlow, record: FlowRecord, index: number, attempts: readonly Attempt[]): Promise<FlowRecord> {
    const last = index + attempts.length - 1
    const [step, attempt] = [flow.steps[last], attempts.at(-1)]
    if (!step || !attempt) throw new Fault('internal', `${labelOf(record)} has no step ${last}`)
    const state = attempt.result?.state === undefined ? record.state : attempt.result.state
    const at = iso(clock.wall())
    const done = ended(record.steps, index, attempts, 'done', at)
    const saved = await saveOrRefuse(record, async (tx) => {
      await attempt.result?.commit?.(tx)
      const steps = await passOver(tx, flow, done, { state, serverId: record.serverId, tools })
      if (steps.some(({ status }) => status !== 'done')) return { steps, state }
      await flow.finish?.(tx, state, await tx.get('servers', record.serverId), tools)
      return { steps, state, status: 'done', open: false, finishedAt: at }
    })
    if (saved instanceof Fault) {
      announceFailure(record, step, saved, attempt.commands)
      return turnBack({ ...record, steps: done }, last, { ...attempt, fault: saved })
    }
    announce(record, step, 'done', attempt.commands)
    for (const passed of doneSteps(flow, saved).slice(last + 1)) announce(record, passed, 'done')
    return saved
  }

  const doneSteps = (flow: AnyFlow, record: FlowRecord) => flow.steps.filter((_, index) => record.steps[index]?.status === 'done')

  /** A fault that the commit itself throws (no host is left) comes back: it is the step that failed, not the store. */
  async function saveOrRefuse(record: FlowRecord, commit: (tx: Transaction) => Promise<Partial<FlowRecord>>) {
    let refusal: Fault | undefined
    const watched = (tx: Transaction) =>
      commit(tx).catch((error: unknown) => {
        refusal = asFault(error)
        throw error
      })
    return saveAs(record, watched).catch((error: unknown) => {
      if (refusal) return refusal
      throw error
    })
  }

  const close = (flow: AnyFlow, record: FlowRecord) =>
    save(record, { status: 'done', open: false, finishedAt: iso(clock.wall()) }, async (tx) =>
      flow.finish?.(tx, record.state, await tx.get('servers', record.serverId), tools),
    )

  /** Its epoch is a new one: what was sent and is still under way must not have its effect after the undo. */
  function turnBack(record: FlowRecord, index: number, attempt: Attempt): Promise<FlowRecord> {
    const steps = ended(record.steps, index, [attempt], 'failed', iso(clock.wall()))
    const fault = (attempt.fault ?? new Fault('internal', 'failed')).toJSON()
    return saveAs(record, async ({ revision }) => ({ status: 'undoing', steps, fault, epoch: revision + 1 }))
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
    const steps = flow.steps.map((step, index) => pending(step.name, index === 0 ? at : null))
    if (again !== undefined)
      return saveAs(record, async ({ revision }) => ({
        ...{ status: 'running', state: again, fault: null, steps },
        epoch: revision + 1,
      }))
    return save(record, { status: 'undone', open: false, finishedAt: at }, async (tx) =>
      flow.giveUp?.(tx, record.state, await tx.get('servers', record.serverId), fault, tools),
    )
  }

  interface Attempt extends Tried {
    readonly result?: StepResult<unknown> | undefined
    readonly fault?: Fault
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
