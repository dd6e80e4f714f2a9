/** The checkers of R13 and R14 are themselves checked: histories that are known to be wrong, and right ones beside them. */
import { describe, expect, it } from 'vitest'
import { isLinearizable } from './histories/linearizable.ts'
import type { Call, ListTransaction, Operation, Outcome } from './histories/operation.ts'
import { anomalies } from './histories/serializable.ts'

const op = (began: number, ended: number, call: Call, outcome?: Outcome): Operation => ({
  key: 'k',
  call,
  began,
  ended: outcome === undefined ? Number.POSITIVE_INFINITY : ended,
  outcome,
})
const insert = (to: string): Call => ({ kind: 'insert', to })
const swap = (from: string, to: string): Call => ({ kind: 'swap', from, to })
const read: Call = { kind: 'read' }
const remove: Call = { kind: 'remove' }
const saw = (value: string | null): Outcome => ({ value })

describe('linearizability: a history that no order explains', () => {
  const a = op(0, 1, insert('a'), 'done')
  const bad: readonly (readonly [string, readonly Operation[]])[] = [
    ['a stale read', [a, op(2, 3, swap('a', 'b'), 'done'), op(4, 5, read, saw('a'))]],
    ['a value that nobody wrote', [a, op(2, 3, read, saw('z'))]],
    ['a record before it was made', [op(0, 1, read, saw('a')), op(2, 3, insert('a'), 'done')]],
    ['two inserts of one name', [a, op(0, 1, insert('b'), 'done')]],
    ['two swaps of one generation', [a, op(2, 5, swap('a', 'b'), 'done'), op(2, 5, swap('a', 'c'), 'done')]],
    ['a removed record that is read', [a, op(2, 3, remove, 'done'), op(4, 5, read, saw('a'))]],
    ['a record removed twice', [a, op(2, 3, remove, 'done'), op(2, 3, remove, 'done')]],
    ['reads that go back and forth', [a, op(2, 9, swap('a', 'b'), 'done'), op(3, 4, read, saw('b')), op(5, 6, read, saw('a'))]],
    ['an acknowledged write that is gone', [a, op(2, 3, read, saw(null))]],
    ['a refusal without a reason', [a, op(2, 3, swap('a', 'b'), 'refused')]],
    ['an insert refused where nothing is', [op(0, 1, insert('a'), 'refused')]],
    ['a refused swap that took effect', [a, op(2, 3, swap('x', 'b'), 'refused'), op(4, 5, read, saw('b'))]],
    [
      'an open end that took effect and was undone',
      [a, op(2, 3, swap('a', 'b')), op(4, 5, read, saw('b')), op(6, 7, read, saw('a'))],
    ],
    ['an open end before it began', [a, op(2, 3, read, saw('b')), op(4, 5, swap('a', 'b'))]],
  ]
  it.each(bad)('%s', (_, history) => expect(isLinearizable(history)).toBe(false))

  it.each<readonly [string, readonly Operation[]]>([
    ['nothing', []],
    ['one after the other', [a, op(2, 3, swap('a', 'b'), 'done'), op(4, 5, read, saw('b')), op(6, 7, remove, 'done')]],
    [
      'at the same time, in either order',
      [a, op(2, 9, swap('a', 'b'), 'done'), op(3, 4, read, saw('a')), op(5, 6, read, saw('b'))],
    ],
    ['an open end that took effect late', [a, op(2, 3, swap('a', 'b')), op(4, 5, read, saw('a')), op(6, 7, read, saw('b'))]],
    ['an open end that never did', [a, op(2, 3, remove), op(4, 5, read, saw('a'))]],
    ['a refusal by another that was first', [a, op(0, 2, insert('b'), 'refused'), op(3, 4, swap('b', 'c'), 'refused')]],
  ])('takes %s', (_, history) => expect(isLinearizable(history)).toBe(true))
})

let clock = 0
/** `a1` appends 1 to a, `a:1,2` read that. They begin one after the other and end together, so that real time orders nothing. */
function txn(
  id: string,
  steps: string,
  status: ListTransaction['status'] = 'done',
  times?: readonly [number, number],
): ListTransaction {
  clock += 1
  const parsed = steps.split(' ').map((step): ListTransaction['steps'][number] => {
    const key = step.slice(0, 1)
    if (step[1] !== ':') return { kind: 'append', key, value: Number(step.slice(1)) }
    return { kind: 'read', key, saw: step.slice(2).split(',').filter(Boolean).map(Number) }
  })
  return { id, steps: parsed, status, began: times?.[0] ?? clock, ended: times?.[1] ?? 1e9 }
}

describe('isolation: an anomaly by its name', () => {
  const bad: readonly (readonly [string, readonly ListTransaction[]])[] = [
    ['G0', [txn('1', 'a1 b1'), txn('2', 'a2 b2'), txn('3', 'a:1,2 b:2,1')]],
    ['G1a', [txn('1', 'a1', 'refused'), txn('2', 'a:1')]],
    ['G1b', [txn('1', 'a1 a2'), txn('2', 'a:1'), txn('3', 'a:1,2')]],
    ['G1c', [txn('1', 'a1 b:2'), txn('2', 'b2 a:1')]],
    ['G-single', [txn('1', 'a1 b1'), txn('2', 'a:1 b:'), txn('3', 'a:1 b:1')]],
    ['G2-item', [txn('1', 'a: b1'), txn('2', 'b: a1'), txn('3', 'a:1 b:1')]],
    ['lost', [txn('1', 'a1'), txn('2', 'a2'), txn('3', 'a:2')]],
    ['incompatible-order', [txn('1', 'a1'), txn('2', 'a2'), txn('3', 'a:1,2'), txn('4', 'a:2')]],
    ['duplicate', [txn('1', 'a1'), txn('2', 'a:1,1')]],
    ['internal', [txn('1', 'a1 a:'), txn('2', 'a:1')]],
    ['G-single (in real time)', [txn('1', 'a1', 'done', [1, 2]), txn('2', 'a:', 'done', [3, 4]), txn('3', 'a:1')]],
  ]
  it.each(bad)('%s', (name, history) => expect(anomalies(history)[0]).toMatch(new RegExp(`^${name.replace(/[()]/g, '\\$&')}:`)))

  it.each<readonly [string, readonly ListTransaction[]]>([
    ['serial transactions', [txn('1', 'a1 b1'), txn('2', 'a:1 b2'), txn('3', 'a:1 b:1,2')]],
    ['an append of unknown outcome that was seen', [txn('1', 'a1', 'unknown'), txn('2', 'a:1'), txn('3', 'a:1')]],
    ['one that was not', [txn('1', 'a1', 'unknown'), txn('2', 'a:'), txn('3', 'a2 a:2')]],
    ['own appends between reads', [txn('1', 'a: a1 a:1 a2 a:1,2'), txn('2', 'a:1,2 a3'), txn('3', 'a:1,2,3')]],
  ])('takes %s', (_, history) => expect(anomalies(history)).toEqual([]))
})
