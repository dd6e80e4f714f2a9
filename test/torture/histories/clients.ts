/** Clients of a store that write down what they ask before they ask it, and what came of it when they know. */
import { setImmediate } from 'node:timers/promises'
import { asFault, Fault } from '../../../src/core/fault.ts'
import type { Store } from '../../../src/state/store.ts'
import { seeded } from '../runner/seeded.ts'
import type { Call, Outcome, Step } from './operation.ts'

/** A line of a history: a call that begins, or the end of one. */
export type Line =
  | { readonly id: string; readonly at: number; readonly key: string; readonly call: Call }
  | { readonly id: string; readonly at: number; readonly steps: readonly Step[] }
  | { readonly id: string; readonly at: number; readonly end: Outcome | 'unknown'; readonly steps?: readonly Step[] }

export interface ClientOptions {
  readonly store: Store
  readonly name: string
  readonly seed: number
  readonly count: number
  readonly write: (line: Line) => void
}

/** Milliseconds on the clock that all processes of a machine share. */
const now = () => Number(process.hrtime.bigint()) / 1e6
const keys = 6
/** Faults after which nobody knows whether the transaction took effect; conflicts and the like took none. */
const isRefusal = (error: unknown) => ['conflict', 'exists', 'not-found'].includes(asFault(error).kind)
const ending = (error: unknown): 'refused' | 'unknown' => (isRefusal(error) ? 'refused' : 'unknown')

/** Reads, swaps, inserts and removals of a few records, each record written only as it was read. */
export async function registerClient({ store, name, seed, count, write }: ClientOptions): Promise<void> {
  const random = seeded(seed)
  const known = new Map<string, string>()
  for (let index = 0; index < count; index += 1) {
    const id = `${name}.${index}`
    const key = `r${Math.floor(random() * keys)}`
    const call = nextCall(random(), known.get(key), id)
    write({ id, at: now(), key, call })
    const end = await perform(store, name, key, call).catch(ending)
    write({ id, at: now(), end })
    const value = valueAfter(call, end)
    if (value === null) known.delete(key)
    else if (value !== undefined) known.set(key, value)
    if (random() < 0.3) await setImmediate()
  }
}

function nextCall(roll: number, known: string | undefined, to: string): Call {
  if (roll < 0.4) return { kind: 'read' }
  if (roll < 0.5) return { kind: 'remove' }
  if (roll < 0.65 || known === undefined) return { kind: 'insert', to }
  return { kind: 'swap', from: known, to }
}

/** What the client believes afterwards: undefined is no change of its belief. */
function valueAfter(call: Call, end: Outcome | 'unknown'): string | null | undefined {
  if (typeof end === 'object') return end.value
  if (end !== 'done') return call.kind === 'swap' ? null : undefined
  return call.kind === 'swap' || call.kind === 'insert' ? call.to : null
}

async function perform(store: Store, actor: string, key: string, call: Call): Promise<Outcome> {
  if (call.kind === 'read')
    return store.read(async (reader) => ({ value: (await reader.get('quotas', key))?.limits[0]?.[0] ?? null }))
  await store.transaction({ actor, request: actor, action: call.kind }, async (tx) => {
    if (call.kind === 'insert') return void (await tx.insert('quotas', { id: key, limits: [[call.to, 0]] }))
    const found = await tx.get('quotas', key)
    if (call.kind === 'remove' && !found) throw new Fault('not-found', `there is no ${key}`)
    if (call.kind === 'remove') return tx.remove('quotas', key)
    // The value stands for the generation under which it was read.
    const generation = found?.limits[0]?.[0] === call.from ? found.generation : -1
    await tx.update('quotas', { id: key, generation, limits: [[call.to, 0]] })
  })
  return 'done'
}

const lists = 5

/** Transactions of one to four steps, appends to lists and reads of lists, each list a record. */
export async function listClient({ store, name, seed, count, write }: ClientOptions): Promise<void> {
  const random = seeded(seed)
  for (let index = 0; index < count; index += 1) {
    const id = `${name}.${index}`
    const isReader = random() < 0.3
    const wanted = Array.from({ length: 1 + Math.floor(random() * 4) }, (_, nth): Step => {
      const key = `l${Math.floor(random() * lists)}`
      return isReader || random() < 0.4
        ? { kind: 'read', key, saw: [] }
        : { kind: 'append', key, value: seed * 100_000 + index * 10 + nth }
    })
    write({ id, at: now(), steps: wanted })
    const done = await transact(store, name, wanted).catch(ending)
    if (typeof done === 'string') write({ id, at: now(), end: done })
    else write({ id, at: now(), end: 'done', steps: done })
    if (random() < 0.3) await setImmediate()
  }
}

async function transact(store: Store, actor: string, wanted: readonly Step[]): Promise<Step[]> {
  const isReader = wanted.every(({ kind }) => kind === 'read')
  if (isReader)
    return store.read((reader) =>
      Promise.all(wanted.map(async (step) => ({ ...step, saw: listIn(await reader.get('quotas', step.key)) }))),
    )
  return store.transaction({ actor, request: actor, action: 'lists' }, async (tx) => {
    const steps: Step[] = []
    for (const step of wanted) {
      const found = await tx.get('quotas', step.key)
      if (step.kind === 'read') steps.push({ ...step, saw: listIn(found) })
      else {
        const limits: [string, number][] = [...(found?.limits ?? []), ['v', step.value]]
        await (found ? tx.update('quotas', { ...found, limits }) : tx.insert('quotas', { id: step.key, limits }))
        steps.push(step)
      }
    }
    return steps
  })
}

/** What is in all lists when everybody has ended: the last transaction of a history. */
export async function lastReader(store: Store): Promise<Line[]> {
  const wanted = Array.from({ length: lists }, (_, nth): Step => ({ kind: 'read', key: `l${nth}`, saw: [] }))
  const began = now()
  const steps = await transact(store, 'last', wanted)
  return [
    { id: 'last', at: began, steps },
    { id: 'last', at: now(), end: 'done', steps },
  ]
}

const listIn = (record: { readonly limits: readonly (readonly [string, number])[] } | undefined): number[] =>
  (record?.limits ?? []).map(([, value]) => value)
