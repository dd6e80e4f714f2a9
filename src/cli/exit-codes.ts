/** Exit codes: one for each kind of fault, so that a script can branch on it. */
import { type FaultKind, faultKinds } from '../core/fault.ts'

/** Covers every kind, or it does not compile. */
export const exitCodes: Record<FaultKind, number> = {
  internal: 1,
  invalid: 2,
  'not-found': 3,
  unauthenticated: 4,
  forbidden: 4,
  'over-quota': 5,
  'no-valid-host': 6,
  exists: 7,
  conflict: 7,
  timeout: 8,
  unreachable: 9,
  unsupported: 10,
}
/** The command did its work; what it looked at, or could not do, is not as it should be. */
export const somethingLeft = 11
/** Ctrl-C: waiting stopped, the work goes on. */
export const interrupted = 130

const meanings: ReadonlyMap<number, string> = new Map([
  [0, 'done'],
  [1, 'a fault inside nova'],
  [2, 'wrong use: an unknown command or flag, a missing or invalid value'],
  [3, 'no such thing'],
  [4, 'not allowed'],
  [5, 'over quota'],
  [6, 'no host can take the server'],
  [7, 'already exists, or the state does not allow it'],
  [8, 'not finished in time; the work goes on'],
  [9, 'a host or service cannot be reached'],
  [10, 'the driver or endpoint cannot do this'],
  [somethingLeft, 'done; something was found, or left undone, that is not as it should be'],
  [interrupted, 'interrupted or declined; work that was begun goes on'],
])

/** Every code with the kinds behind it, for the reference page. */
export function describeExitCodes(): { code: number; kinds: FaultKind[]; meaning: string }[] {
  return [...meanings].map(([code, meaning]) => ({
    code,
    kinds: faultKinds.filter((kind) => exitCodes[kind] === code),
    meaning,
  }))
}
