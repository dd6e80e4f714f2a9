import { expect, it } from 'vitest'
import { IdSlots } from '../../../src/state/json/id-slots.ts'
import { fc } from '../../support/property.ts'

it('finds every id where it was added, and no other', () => {
  const ids = fc.uniqueArray(fc.string({ maxLength: 12 }), { minLength: 1, maxLength: 300 })
  fc.assert(
    fc.property(ids, ([missing = '', ...present]) => {
      const slots = new IdSlots(present.length, (seq) => present[seq] ?? '')
      for (const [seq, id] of present.entries()) slots.add(id, seq)
      expect(present.map((id) => slots.find(id))).toEqual([...present.keys()])
      expect(slots.find(missing)).toBe(-1)
    }),
  )
})

it('finds nothing in an empty table', () => {
  expect(new IdSlots(0, () => '').find('a')).toBe(-1)
})
