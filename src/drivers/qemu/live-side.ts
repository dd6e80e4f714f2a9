/** One side of a live move: the guest's qemu on one host, and what it says of itself. */
import { Fault } from '../../core/fault.ts'
import type { RunOptions } from '../../hosts/host.ts'
import type { GuestPlace, StorageKind } from '../driver.ts'
import type { QemuContext } from './context.ts'
import { type GuestPaths, guestPaths, pathsOnHost } from './guest-paths.ts'
import { type GuestProcess, guestPid, guestProcess } from './guest-process.ts'
import { fieldsOf, type Message } from './json-lines.ts'
import { type Qmp, withQmp } from './qmp.ts'

export interface Side {
  readonly context: QemuContext
  /** With the names that the process there goes by. */
  readonly paths: GuestPaths
  /** The process that was there when this side was made. */
  readonly process?: GuestProcess | undefined
}

/** What stands in the guest's place on one host. */
export interface Standing extends GuestProcess {
  /** qemu's run state. */
  readonly status: string
  /** qemu's word for its last migration; an empty text when there was none. */
  readonly migration: string
}

/** qemu serves one client at a time: after so long the next one in its queue gets its turn. */
const turnMs = 1500
/** How often a report is due. */
const lookMs = 450
const busyMs = 50
const busyTries = 100

/** The guest where it is, or was. */
export async function sideHere(context: QemuContext, id: string): Promise<Side> {
  const paths = guestPaths(context, id)
  const process = await guestProcess(context, paths)
  return { context, paths: process?.paths ?? paths, process }
}

/** The same guest on the host that it moves to; in a shared directory its names there are taken. */
export function sideThere(context: QemuContext, { host, instancesPath }: GuestPlace, id: string, storage: StorageKind): Side {
  const there = { ...context, host, instancesPath }
  const paths = guestPaths(there, id)
  return { context: there, paths: storage === 'shared' ? pathsOnHost(paths, host.name) : paths }
}

/** What is there; undefined when no process is. `known` is one that was found a moment ago. */
export async function standingOf({ context, paths }: Side, known?: GuestProcess): Promise<Standing | undefined> {
  const found = known ?? (await guestProcess(context, paths))
  if (!found) return undefined
  const look = async (qmp: Qmp) => ({
    ...found,
    status: await runStateOf(qmp),
    migration: wordOf(await migrationOf(qmp), 'status'),
  })
  return withTurn({ context, paths: found.paths }, look, { effect: 'read' }).catch(async (error: unknown) => {
    // It may have ended between the two looks.
    if (error instanceof Fault && error.kind === 'unreachable' && !(await guestPid(context, paths))) return undefined
    throw error
  })
}

export const runStateOf = async (qmp: Qmp): Promise<string> => wordOf(fieldsOf(await qmp.execute('query-status')), 'status')

export const migrationOf = async (qmp: Qmp): Promise<Message | undefined> => fieldsOf(await qmp.execute('query-migrate'))

/** A field as text, empty when it has none. */
export const wordOf = (fields: Message | undefined, name: string): string => String(fields?.get(name) ?? '')

/** A field as a number, 0 when it is none. */
export function numberOf(fields: Message | undefined, name: string): number {
  const value = fields?.get(name)
  return typeof value === 'number' ? value : 0
}

/** A list of objects, empty when the answer is something else. */
export const rowsOf = (answer: unknown): Message[] =>
  Array.isArray(answer) ? answer.map(fieldsOf).filter((row) => row !== undefined) : []

/** Looks again after each of these events, and now and then, until there is an answer; others get their turns in between. */
export async function inTurns<T>(side: Side, events: readonly string[], look: (qmp: Qmp) => Promise<T | undefined>): Promise<T> {
  const { clock } = side.context
  for (;;) {
    const found = await withTurn(side, async (qmp) => {
      const end = clock.monotonic() + turnMs
      for (;;) {
        const answer = await look(qmp)
        const left = end - clock.monotonic()
        if (answer !== undefined || left <= 0) return { answer }
        await heard(qmp, events, Math.min(left, lookMs))
      }
    })
    if (found.answer !== undefined) return found.answer
  }
}

/** A session with the guest's qemu; one that only starts, or has too many clients waiting, is asked again. */
export async function withTurn<T>(
  { context, paths }: Side,
  use: (qmp: Qmp) => Promise<T>,
  options: Pick<RunOptions, 'effect'> = {},
): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    let isIn = false
    try {
      const entered = (qmp: Qmp) => {
        isIn = true
        return use(qmp)
      }
      return await withQmp(context, paths.monitor, entered, options)
    } catch (error) {
      const isBusy = !isIn && error instanceof Fault && error.kind === 'unreachable' && tries < busyTries
      if (!isBusy || (await guestPid(context, paths)) === undefined) throw error
      await context.clock.sleep(busyMs)
    }
  }
}

/** Resolves with the next of these events, or when `ms` have passed. */
export async function heard(qmp: Qmp, events: readonly string[], ms: number): Promise<void> {
  try {
    await qmp.event(events, Math.max(1, Math.ceil(ms)))
  } catch (error) {
    if (!(error instanceof Fault && error.kind === 'timeout')) throw error
  }
}
