/**
 * What callers who are no administrators see of failures: their kind and the request id to ask about. Names of hosts, paths and
 * programs stay inside, in faults as well as in the faults and commands that records tell of.
 */
import { Fault, type FaultKind } from '../core/fault.ts'
import type { ProgressEvent } from '../core/ports.ts'

/** Names of all hosts, read when they are needed. */
export type HostNames = () => Promise<readonly string[]>

const plainly: Record<FaultKind, string> = {
  invalid: 'nova cannot do this with what was given',
  'not-found': 'something that this needs is not there',
  exists: 'something is in the way of this',
  conflict: 'the state of the server on its host does not allow this',
  forbidden: 'this is not allowed',
  unauthenticated: 'the token is not valid',
  'over-quota': 'this is more than the limits allow',
  'no-valid-host': 'no host can take this server now',
  unreachable: 'a host does not answer',
  unsupported: 'the host of this server cannot do this',
  timeout: 'a host did not answer in time',
  internal: 'nova could not do this',
}
const hint = 'ask an administrator, with the request id'

/** The fault without what is inside; `given` is the caller's own input, which is no secret from its caller. */
export async function tenantFault(fault: Fault, given: unknown, hosts: HostNames): Promise<Fault> {
  const isOfHost = fault.kind === 'internal' || Reflect.has(Object(fault.details), 'host')
  const tells = isOfHost ? () => true : await teller(given, hosts)
  if (tells(`${fault.message} ${fault.hint ?? ''}`)) return new Fault(fault.kind, plainly[fault.kind], { hint })
  if (!tells(JSON.stringify(fault.details ?? null))) return fault
  return new Fault(fault.kind, fault.message, fault.hint === undefined ? {} : { hint: fault.hint })
}

/** What a caller is told while the work goes on; undefined for what is about hosts alone. */
export function tenantProgress(event: ProgressEvent): ProgressEvent | undefined {
  if (event.type === 'note') return undefined
  if (event.type === 'bytes') return { ...event, what: 'transfer' }
  if (event.type === 'flow') return event
  const { flow, step, status } = event
  return { type: 'step', flow, step, status, ...(status === 'failed' ? { message: plainly.internal } : {}) }
}

/** Fields of answers that tell of a failure, as text or as a fault. */
const failures: ReadonlySet<string> = new Set(['fault', 'error', 'refused', 'lastFailure'])
const mostLevels = 6

/** The answer without what is inside; the same object when there is nothing of the kind in it. */
export async function tenantResult(result: unknown, hosts: HostNames): Promise<unknown> {
  if (!hasFailures(result)) return result
  const tells = await teller(undefined, hosts)
  return withoutInsides(result, tells)
}

function hasFailures(value: unknown, level = 0): boolean {
  if (typeof value !== 'object' || value === null || level > mostLevels) return false
  if (Array.isArray(value)) return value.some((item) => hasFailures(item, level + 1))
  return Object.entries(value).some(
    ([key, inner]) => inner !== null && (failures.has(key) || key === 'commands' || hasFailures(inner, level + 1)),
  )
}

type Tells = (text: string) => boolean

function withoutInsides(value: unknown, tells: Tells, level = 0): unknown {
  if (typeof value !== 'object' || value === null || level > mostLevels) return value
  if (Array.isArray(value)) return value.map((item) => withoutInsides(item, tells, level + 1))
  const entries = Object.entries(value).map(([key, inner]) => [key, shown(key, inner, tells, level)] as const)
  return Object.fromEntries(entries)
}

function shown(key: string, value: unknown, tells: Tells, level: number): unknown {
  if (key === 'commands') return []
  if (!failures.has(key) || value === null) return withoutInsides(value, tells, level + 1)
  if (!tells(JSON.stringify(value))) return value
  const kind: unknown = Reflect.get(Object(value), 'kind')
  const message = plainly[Object.hasOwn(plainly, String(kind)) ? (kind as FaultKind) : 'internal']
  if (typeof value === 'string') return message
  const { details: _, hint: __, ...rest } = Object(value)
  return { ...rest, message }
}

/** Says whether a text names a host or a path that the caller did not name. */
async function teller(given: unknown, hosts: HostNames): Promise<Tells> {
  const known = given === undefined ? '' : JSON.stringify(given)
  const names = (await hosts()).filter((name) => !known.includes(name))
  return (text) =>
    [...text.matchAll(/(?<![\w/])\/[\w.-]+\/[\w./-]+/g)].some(([path]) => !known.includes(path)) ||
    names.some((name) => hasWord(text, name))
}

function hasWord(text: string, word: string): boolean {
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) {
    const around = `${text[at - 1] ?? ' '}${text[at + word.length] ?? ' '}`
    if (!/[\w-]/.test(around)) return true
  }
  return false
}
