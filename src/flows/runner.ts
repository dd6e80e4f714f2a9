import { asFault, Fault, faultFrom } from '../core/fault.ts'
import type { Processes, ProgressSink } from '../core/ports.ts'
import { iso } from '../core/time.ts'
import type { FlowRecord } from '../model/flow.ts'
import { isSameProcess } from '../model/service.ts'
import type { Transaction } from '../state/store.ts'
import { authorship, Dispossessed, flowDriver, labelOf } from './drive-flow.ts'
import type { AnyFlow, Flow, Tools } from './flow.ts'
import { knownSteps } from './known-steps.ts'
import { type FlowStart, newFlow } from './new-flow.ts'
import { livingOwners } from './owners.ts'
import { passOver } from './step-records.ts'

export interface Flows {
  /** Writes the flow's record inside the caller's transaction; this process owns it, its first step counts as begun. */
  begin<S>(tx: Transaction, flow: Flow<S>, start: FlowStart<S>): Promise<FlowRecord>
  /** Notes a change that needed no steps among the server's events. */
  note(tx: Transaction, action: string, start: FlowStart<unknown>): Promise<void>
  /** Works a flow to its end. Throws the fault it was undone for; a blocked flow throws what blocks it. */
  run(flowId: string): Promise<FlowRecord>
  /** Sees to it that a flow ends, whoever works on it: takes one that nobody has, waits for one that somebody has. */
  attend(flowId: string): Promise<FlowRecord>
  /** Flows whose owner is gone, oldest first; with `handedOver` also those that were left to whoever comes. */
  orphans(options?: OrphanOptions): Promise<FlowRecord[]>
  /** Takes over every orphan and works it to its end; resolves with those records. */
  adopt(options?: OrphanOptions): Promise<FlowRecord[]>
  /** Closes a server's open flow in favour of a newer one (delete pre-empts): its owner can do no more harm. */
  preempt(tx: Transaction, serverId: string, by: string): Promise<void>
  /** Gives up ownership of what this process runs, for another process to adopt. */
  handOver(): Promise<string[]>
}

/** Has a flow worked by a conductor; resolves or rejects with its end, or once the signal says that nobody waits any more. */
export type Elsewhere = (flowId: string, progress: ProgressSink, signal: AbortSignal) => Promise<unknown>

export interface OrphanOptions {
  readonly handedOver?: boolean
}

/** The flows that one process runs, whoever called for them. */
export interface FlowLedger {
  readonly running: Map<string, AbortController>
  /** Set when the process is about to end: flows stop at their next step boundary, with this fault for who waits. */
  stopping: Fault | undefined
}

/** Milliseconds between two looks at a flow that somebody else works. */
const attendMs = 250
/** The same while a conductor is waited for, whose message or answer may be lost. */
const lookMs = 5000
const unexplained = { kind: 'internal', message: 'it failed and left no reason' } as const

/** Whether it is done; throws what it was undone for, or what blocks it. */
function isOver({ status, open, fault }: FlowRecord): boolean {
  if (status === 'blocked' || status === 'undone') throw faultFrom(fault ?? unexplained)
  return !open
}

/** Another owner goes on with it. */
class TakenOver extends Fault {}

export function flowRunner(options: {
  readonly catalogue: ReadonlyMap<string, AnyFlow>
  readonly tools: Tools
  readonly processes: Processes
  /** Shared by all runners of a process; its own by default. */
  readonly ledger?: FlowLedger
  /** Set where flows are begun but not worked: their records have no owner until a conductor takes them. */
  readonly elsewhere?: Elsewhere | undefined
}): Flows {
  const { catalogue, tools, processes, elsewhere } = options
  const { store, clock } = tools
  const ledger = options.ledger ?? { running: new Map(), stopping: undefined }
  const { running } = ledger
  const drive = flowDriver({ catalogue, tools, stopping: () => ledger.stopping })

  async function begin<S>(tx: Transaction, flow: Flow<S>, start: FlowStart<S>): Promise<FlowRecord> {
    const record = newRecord(flow, start, tx.revision + 1)
    const about = { state: start.state, serverId: start.server.id, tools }
    return tx.insert('flows', { ...record, steps: await passOver(tx, knownAs(flow), record.steps, about) })
  }

  /** The catalogue's own flow of this name, whose steps a test may have changed. */
  const knownAs = (flow: AnyFlow): AnyFlow => catalogue.get(flow.name) ?? flow

  async function note(tx: Transaction, action: string, start: FlowStart<unknown>): Promise<void> {
    const record = newRecord({ name: `${action}-server`, action, steps: [] }, start, tx.revision + 1)
    await tx.insert('flows', { ...record, status: 'done', open: false, owner: null, finishedAt: record.createdAt })
  }

  const newRecord = <S>(flow: Flow<S>, start: FlowStart<S>, epoch: number) =>
    newFlow(flow, start, {
      id: tools.random.uuid(),
      at: iso(clock.wall()),
      owner: start.own === false || elsewhere ? null : processes.self(),
      epoch,
    })

  async function recordOf(flowId: string): Promise<FlowRecord> {
    const record = await store.read((reader) => reader.get('flows', flowId))
    if (record) return record
    throw new Fault('not-found', `no operation ${flowId}`)
  }

  async function run(flowId: string): Promise<FlowRecord> {
    if (!elsewhere) return runOwn(flowId)
    const over = new AbortController()
    try {
      await Promise.race([elsewhere(flowId, tools.progress, over.signal), toldByRecord(flowId, over.signal)])
    } finally {
      over.abort()
    }
    return recordOf(flowId)
  }

  /**
   * What this process began, if it still is its own: who holds this process for dead may have taken it since, with an epoch
   * that hosts would take from both.
   */
  async function runOwn(flowId: string): Promise<FlowRecord> {
    const record = await recordOf(flowId)
    const isOwn = isSameProcess(record.owner, processes.self())
    return (isOwn ? await runHere(record).catch(unlessTaken) : undefined) ?? attend(flowId)
  }

  /** The end of a flow that somebody else works, one look after it is in the record: the conductor's own word comes first. */
  async function toldByRecord(flowId: string, signal: AbortSignal): Promise<void> {
    for (let looks = 0; ; ) {
      await clock.sleep(lookMs, signal)
      // Records that are away may come back, and the conductor may answer meanwhile.
      const record = await recordOf(flowId).catch(() => undefined)
      if (record?.open !== false && record?.status !== 'blocked') looks = 0
      else if (looks++ > 0) return void isOver(record)
    }
  }

  async function attend(flowId: string): Promise<FlowRecord> {
    for (;;) {
      const record = await recordOf(flowId)
      if (isOver(record)) return record
      if (ledger.stopping) throw ledger.stopping
      const { owner } = record
      const isFree = !running.has(flowId) && (owner === null || !(await alive())(owner))
      const taken = isFree ? await take(record) : undefined
      if (taken) {
        const ended = await runHere(taken).catch(unlessTaken)
        if (ended) return ended
      } else if (!isFree) await clock.sleep(attendMs)
    }
  }

  /** Whoever took it over, or closed it, leaves its end in the record. */
  function unlessTaken(error: unknown): undefined {
    if (!(error instanceof TakenOver)) throw error
  }

  const alive = () => livingOwners({ ...tools, processes })

  async function runHere(record: FlowRecord): Promise<FlowRecord> {
    const controller = new AbortController()
    running.set(record.id, controller)
    try {
      return await drive(record, controller.signal)
    } catch (error) {
      if (error instanceof Dispossessed) throw new TakenOver('conflict', `${labelOf(record)} was taken over by a newer operation`)
      throw error
    } finally {
      running.delete(record.id)
    }
  }

  const orphans = async ({ handedOver = false }: OrphanOptions = {}) => {
    const open = await store.read((reader) => reader.list('flows', { where: { open: true } }))
    const others = open.filter(({ id }) => !running.has(id))
    const isAlive = others.length === 0 ? () => true : await alive()
    return others.filter(({ owner }) => (owner === null ? handedOver : !isAlive(owner)))
  }

  async function adopt(options: OrphanOptions = {}): Promise<FlowRecord[]> {
    const adopted: FlowRecord[] = []
    for (const orphan of await orphans(options)) {
      if (ledger.stopping) break
      const taken = await take(orphan).catch((error) => noteFailure(orphan, error))
      if (!taken) continue
      await runHere(taken).catch((error) => noteFailure(taken, error))
      const ended = await store.read((reader) => reader.get('flows', taken.id))
      if (ended) adopted.push(ended)
    }
    return adopted
  }

  const noteFailure = (record: FlowRecord, error: unknown): undefined =>
    void tools.progress({ type: 'note', message: `${labelOf(record)}: ${asFault(error).message}` })

  /** Becomes the owner, unless somebody was faster. A blocked flow goes on undoing. `unsupported` for one of another version. */
  async function take(orphan: FlowRecord): Promise<FlowRecord | undefined> {
    const steps = knownSteps(catalogue, orphan)
    return store.transaction(authorship(orphan), async (tx) => {
      const stored = await tx.get('flows', orphan.id)
      if (!stored?.open || stored.generation !== orphan.generation) return undefined
      const status = stored.status === 'blocked' ? 'undoing' : stored.status
      return tx.update('flows', { ...stored, steps, status, owner: processes.self(), epoch: tx.revision + 1 })
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
    // Who waits here must not take it back.
    ledger.stopping ??= new Fault('timeout', 'the operation was handed over and goes on in another process')
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

  return { begin, note, run, attend, orphans, adopt, preempt, handOver }
}
