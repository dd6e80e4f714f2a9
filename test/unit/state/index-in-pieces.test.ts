import { expect, it } from 'vitest'
import type { BaseTable } from '../../../src/state/base-table.ts'
import { type StoredRecord, TextItem } from '../../../src/state/record.ts'
import { TableState } from '../../../src/state/table-state.ts'
import { fc } from '../../support/property.ts'

/** A snapshot of flows in memory: enough of them that an index of them has many pieces. */
function baseOf(records: readonly StoredRecord[]): BaseTable {
  const at = (seq: number): StoredRecord => records[seq] ?? { id: '', generation: 0 }
  return {
    count: records.length,
    fields: ['serverId'],
    row: (seq) => ({ id: at(seq).id, values: [at(seq).serverId] }),
    find: (id) => records.findIndex((record) => record.id === id),
    item: (seq) => new TextItem(seq, at(seq).id, JSON.stringify(at(seq))),
    pieces: () => [],
    isRead: true,
  }
}

const flow = (id: number, server: number): StoredRecord => ({ id: `f${id}`, generation: 1, serverId: `s${server}` })
const servers = 5
const kept = 400
const change = fc.record({ id: fc.nat(kept + 20), server: fc.option(fc.nat(servers - 1), { nil: null }) })

it('an index that is filled while records change answers as one that was filled at once', () => {
  fc.assert(
    fc.property(fc.array(fc.array(change, { maxLength: 6 }), { maxLength: 12 }), (between) => {
      const records = Array.from({ length: kept }, (_, id) => flow(id, id % servers))
      const table = new TableState('flows', baseOf(records))
      const now = new Map(records.map((record) => [record.id, record]))
      const pieces = table.pieces('serverId')
      for (const changes of between) {
        pieces.next()
        for (const { id, server } of changes) {
          const record = server === null ? null : flow(id, server)
          table.apply({ table: 'flows', id: `f${id}`, text: record && JSON.stringify(record) }, false)
          if (record) now.set(record.id, record)
          else now.delete(`f${id}`)
        }
      }
      for (let server = 0; server < servers; server += 1) {
        const expected = [...now.values()].filter(({ serverId }) => serverId === `s${server}`).map(({ id }) => id)
        expect([...table.idsWith('serverId', `s${server}`)].sort()).toEqual(expected.sort())
      }
    }),
    { numRuns: 50 },
  )
})
