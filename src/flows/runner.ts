import type { Call } from '../core/call.ts'
import { asFault, Fault, faultFrom } from '../core/fault.ts'
import type { Processes, ProcessIdentity } from '../core/ports.ts'
import { iso } from '../core/time.ts'
import type { FlowRecord, StepRecord } from '../model/flow.ts'
import type { Authorship, Transaction } from '../state/store.ts'
import type { AnyFlow, Flow, Step, StepResult, StepRun, Tools } from './flow.ts'

export interface Flows {
  /** Writes the flow's record inside the caller's transaction; this process owns it, its first step counts as begun. */
  begin<S>(tx: Transaction, flow: Flow<S>, start: FlowStart<S>): Promise<FlowRecord>
  /** Notes a change that needed no steps among the server's events. */
  note(tx: Transaction, action: string, start: FlowStart<null>): Promise<void>
  /** Works a flow to its end. Throws the fault it was undone for; a blocked flow throws what blocks it. */
  run(flowId: string): Promise<FlowRecord>
  /** Flows whose owner is gone, oldest first. */
  orphans(): Promise<FlowRecord[]>
  /** Takes over every orphan and works it to its end; resolves with those records. */
  adopt(): Promise<FlowRecord[]>
  /** Closes a server's open flow in favour of a newer one (delete pre-empts): its owner can do no more harm. */
  preempt(tx: Transaction, serverId: string, by: string): Promise<void>
  /** Gives up ownership of what this process runs, for another process to adopt. */
  handOver(): Promise<string[]>
}

export interface FlowStart<S> {
  readonly state: S
  readonly serverId: string
  readonly projectId: string
  readonly call: Pick<Call, 'userId' | 'requestId'>
  /** False leaves it to another process: no owner. */
  readonly own?: boolean
}

/** Thrown inside a run whose flow now belongs to somebody else; nothing more may be done. */
class Dispossessed extends Error {}

export function flowRunner(options: {
  readonly catalogue: ReadonlyMap<string, AnyFlow>
  readonly tools: Tools
  readonly processes: Processes
}): Flows {
  const { catalogue, tools, processes } = options
  const { store, clock } = tools
  const running = new Map<string, AbortController>()

  const authorship = (record: Pick<FlowRecord, 'actor' | 'requestId' | 'name'>): Authorship => ({
    actor: record.actor,
    request: record.requestId,
    action: record.name,
  })
  const flowOf = (name: string): AnyFlow => {
    const flow = catalogue.get(name)
    if (flow) return flow
    throw new Fault('unsupported', `flow ${name} is not known to this version`, { hint: 'use the version that began it' })
  }

  const begin = <S>(tx: Transaction, flow: Flow<S>, start: FlowStart<S>): Promise<FlowRecord> =>
    tx.insert('flows', newRecord(flow, start, tx.revision + 1))

  async function note(tx: Transaction, action: string, start: FlowStart<null>): Promise<void> {
    const record = newRecord({ name: `${action}-server`, action, steps: [] }, start, tx.revision + 1)
    await tx.insert('flows', { ...record, status: 'done', open: false, owner: null, finishedAt: record.createdAt })
  }

  function newRecord<S>(flow: Flow<S>, start: FlowStart<S>, epoch: number): Omit<FlowRecord, 'generation'> {
    const at = iso(clock.wall())
    return {
      id: tools.random.uuid(),
      name: flow.name,
      action: flow.action,
      serverId: start.serverId,
      projectId: start.projectId,
      actor: start.call.userId,
      requestId: start.call.requestId,
      status: 'running',
      open: true,
      state: start.state,
      steps: flow.steps.map((step, index) => pending(step.name, index === 0 ? at : null)),
      owner: start.own === false ? null : processes.self(),
      epoch,
      fault: null,
      createdAt: at,
      finishedAt: null,
    }
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

  async function run(flowId: string): Promise<FlowRecord> {
    const record = await store.read((reader) => reader.get('flows', flowId))
    if (!record) throw new Fault('not-found', `no operation ${flowId}`)
    const controller = new AbortController()
    running.set(flowId, controller)
    try {
      return await drive(record, controller.signal)
    } catch (error) {
      if (error instanceof Dispossessed)
        throw new Fault('conflict', `${record.action} of server ${record.serverId} was taken over by a newer operation`)
      throw error
    } finally {
      running.delete(flowId)
    }
  }

  async function drive(start: FlowRecord, signal: AbortSignal): Promise<FlowRecord> {
    const flow = flowOf(start.name)
    tools.progress({ type: 'flow', flow: start.id, object: start.serverId, steps: flow.steps.map((step) => step.name) })
    let record = start
    while (record.open) {
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
    const saved = await save(record, { steps, state, ...closing }, async (tx) => {
      await attempt.result?.commit?.(tx)
      if (last) await flow.finish?.(tx, state, await tx.get('servers', record.serverId), tools)
    })
    announce(record, step, 'done', attempt.commands)
    return saved
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
    const fault = new Fault(
      cause.kind,
      `cannot undo ${step.name} of ${record.action} for server ${record.serverId}: ${cause.message}`,
      {
        hint: 'mend the cause; the next command tries again',
      },
    )
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
      tools.progress({ type: 'step', flow: record.id, step: step.name, status: 'failed', message: fault.message, commands })
      return { fault, ms: elapsed(), commands }
    }
  }

  function announce(
    record: FlowRecord,
    step: Step<unknown>,
    status: 'running' | 'done' | 'undoing' | 'undone',
    commands?: readonly string[],
  ) {
    tools.progress({ type: 'step', flow: record.id, step: step.name, status, ...(commands === undefined ? {} : { commands }) })
  }

  const orphans = async () => {
    const open = await store.read((reader) => reader.list('flows', { where: { open: true } }))
    return open.filter((record) => !running.has(record.id) && isAbandoned(record.owner))
  }
  const isAbandoned = (owner: ProcessIdentity | null) => owner === null || !processes.isAlive(owner)

  async function adopt(): Promise<FlowRecord[]> {
    const adopted: FlowRecord[] = []
    for (const orphan of await orphans()) {
      const taken = await take(orphan)
      if (!taken) continue
      await run(taken.id).catch((error) => noteFailure(taken, error))
      const ended = await store.read((reader) => reader.get('flows', taken.id))
      if (ended) adopted.push(ended)
    }
    return adopted
  }

  const noteFailure = (record: FlowRecord, error: unknown) =>
    tools.progress({ type: 'note', message: `${record.action} of server ${record.serverId}: ${asFault(error).message}` })

  /** Becomes the owner, unless somebody was faster. A blocked flow goes on undoing. */
  async function take(orphan: FlowRecord): Promise<FlowRecord | undefined> {
    return store.transaction(authorship(orphan), async (tx) => {
      const stored = await tx.get('flows', orphan.id)
      if (!stored?.open || stored.generation !== orphan.generation) return undefined
      const status = stored.status === 'blocked' ? 'undoing' : stored.status
      return tx.update('flows', { ...stored, status, owner: processes.self(), epoch: tx.revision + 1 })
    })
  }

  async function preempt(tx: Transaction, serverId: string, by: string): Promise<void> {
    const at = iso(clock.wall())
    for (const record of await tx.list('flows', { where: { serverId, open: true } })) {
      const fault = new Fault('conflict', `${record.action} was pre-empted by ${by}`)
      await tx.update('flows', { ...record, status: 'undone', open: false, fault: fault.toJSON(), finishedAt: at })
      running.get(record.id)?.abort(fault)
    }
  }

  async function handOver(): Promise<string[]> {
    const ids = [...running.keys()]
    for (const id of ids) {
      const record = await store.read((reader) => reader.get('flows', id))
      if (!record?.open) continue
      await store.transaction(authorship(record), async (tx) => {
        const stored = await tx.get('flows', id)
        if (stored?.open) await tx.update('flows', { ...stored, owner: null, epoch: tx.revision + 1 })
      })
      running.get(id)?.abort()
    }
    return ids
  }

  return { begin, note, run, orphans, adopt, preempt, handOver }
}

const pending = (name: string, startedAt: string | null): StepRecord => ({
  name,
  status: startedAt === null ? 'pending' : 'running',
  startedAt,
  finishedAt: null,
  durationMs: null,
  commands: [],
})
