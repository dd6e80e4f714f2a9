/** Where a guest is that moved or should have moved live, asked of both hosts, and how a move that failed is taken back. */
import { asFault, Fault } from '../core/fault.ts'
import type { GuestState, StorageKind } from '../drivers/driver.ts'
import type { Transaction } from '../state/store.ts'
import type { StepResult, StepRun } from './flow.ts'
import { type MoveState, withPort } from './moving.ts'
import { changeServer, onHostNamed, serverOf } from './server-steps.ts'

/** What a live move carries as far as its two sides go. */
export interface SidesState extends MoveState {
  /** Null until the hosts were looked at. */
  readonly storage: StorageKind | null
  /** The guest's ssh port on the destination, once it has one. */
  readonly sshPort: number | null
  /** The guest runs on the destination, and its record says so. */
  readonly landed: boolean
  /** What could not be cleared away, for the migration's reason. */
  readonly leftover: string | null
}

type Run<S extends SidesState> = StepRun<S>
type Answer = GuestState | null | Fault

const ask = (run: Run<SidesState>, host: string): Promise<Answer> =>
  onHostNamed(run, host, 'inspect', undefined).catch((error: unknown) => asFault(error))

const does = (answer: Answer, ...states: readonly GuestState['powerState'][]): answer is GuestState =>
  answer !== null && !(answer instanceof Fault) && states.includes(answer.powerState)

/** Whether the guest is alive by that answer. */
export const isAlive = (guest: GuestState | null): guest is GuestState => does(guest, 'running', 'paused')

/** Between two looks at a guest whose hypervisor is busy, and after how long the last one begins. */
const busyMs = 2000
const patienceMs = 60_000

/** A hypervisor may stand still until the end of a connection that broke; what it says then counts. */
async function askPatiently(run: Run<SidesState>, host: string): Promise<Answer> {
  const { clock } = run.tools
  for (const end = clock.monotonic() + patienceMs; ; await clock.sleep(busyMs)) {
    const answer = await ask(run, host)
    if (!does(answer, 'pending') || clock.monotonic() >= end || run.signal.aborted) return answer
  }
}

interface Side {
  readonly at: 'source' | 'destination'
  /** Undefined when that host does not say. */
  readonly guest: GuestState | null | undefined
}

/**
 * The one side that has the guest. A destination that runs it was switched over to; a guest that waits there for its memory is
 * not alive, and one that has it does not count while the source may still be about to go on. Throws the destination's fault
 * when neither side can tell.
 */
export async function sideOf(run: Run<SidesState>): Promise<Side> {
  const there = await ask(run, run.state.destHost)
  if (does(there, 'running')) return { at: 'destination', guest: there }
  const here = await askPatiently(run, run.state.sourceHost)
  if (does(here, 'running', 'paused')) return { at: 'source', guest: here }
  if (does(here, 'pending')) return { at: 'source', guest: undefined }
  if (does(there, 'paused')) return { at: 'destination', guest: there }
  if (there instanceof Fault) throw there
  return { at: 'source', guest: here instanceof Fault ? undefined : here }
}

/** The record of a guest that runs on the destination. */
export async function recordArrival({ serverId, state }: Run<SidesState>, tx: Transaction): Promise<void> {
  const nics = withPort(await serverOf(tx, serverId), state.sshPort)
  await changeServer(tx, serverId, { host: state.destHost, nics })
}

/**
 * Takes a move back that has not landed: it is aborted, and the destination is cleared, unless the guest runs there by now; then
 * the record follows it, and the source is cleared. The guest of a source that does not answer has not moved once the destination holds nothing of it.
 */
export async function backOut<S extends SidesState>(run: Run<S>): Promise<StepResult<S> | undefined> {
  const { state } = run
  if (state.storage === null) return undefined
  if (state.landed) return leaveSource(run)
  await onHostNamed(run, state.sourceHost, 'abortLive', undefined).catch(() => undefined)
  const side = await sideOf(run)
  if (side.at === 'destination') return { state: { ...state, landed: true }, commit: (tx) => recordArrival(run, tx) }
  const leftover = await clear(run, state.destHost)
  const guest = await awake(run, side.guest)
  return {
    state: { ...state, leftover },
    commit: async (tx) => {
      if (guest) await changeServer(tx, run.serverId, afterwards(guest))
    },
  }
}

/** A guest that died on the way can be started again: its disks have not moved. */
const afterwards = (guest: GuestState) => ({
  powerState: guest.powerState,
  ...(isAlive(guest) ? {} : { vmState: 'stopped' as const }),
})

/** The guest runs elsewhere by now: what its old host keeps of it cannot fail the move. */
export async function leaveSource<S extends SidesState>(run: Run<S>): Promise<StepResult<S>> {
  const { sourceHost } = run.state
  const leftover = await clear(run, sourceHost).catch(
    (error: unknown) => `host ${sourceHost} keeps what it had of the server: ${asFault(error).message}`,
  )
  return { state: { ...run.state, leftover } }
}

/** A guest that was paused to make its move end runs again. */
async function awake(run: Run<SidesState>, guest: Side['guest']): Promise<Side['guest']> {
  const { vmState } = await run.tools.store.read((reader) => serverOf(reader, run.serverId))
  if (guest?.powerState !== 'paused' || vmState !== 'active') return guest
  await onHostNamed(run, run.state.sourceHost, 'unpause', undefined)
  return { ...guest, powerState: 'running' }
}

const silence: readonly Fault['kind'][] = ['unreachable', 'timeout']

/** Removes what a host has of a guest that is elsewhere; a host that does not answer keeps it, which is said. */
async function clear(run: Run<SidesState>, host: string): Promise<string | null> {
  try {
    await onHostNamed(run, host, 'leave', { storage: run.state.storage ?? 'copy' })
    return null
  } catch (error) {
    const fault = asFault(error)
    if (!silence.includes(fault.kind)) throw fault
    return `host ${host} keeps what it has of the server until nova doctor --fix: ${fault.message}`
  }
}
