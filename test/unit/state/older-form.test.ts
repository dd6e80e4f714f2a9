import { describe, expect, it } from 'vitest'
import type { TableName } from '../../../src/model/tables.ts'
import { type Migration, migrated, migrations } from '../../../src/state/json/migrations.ts'
import { inOlderForm } from '../../../src/state/json/older-form.ts'
import { parseRecord, type RawChange } from '../../../src/state/record.ts'
import { aServer } from '../../support/a-server.ts'

function formBefore(name: string): number {
  const index = migrations.findIndex((migration) => migration.name === name)
  if (index < 0) throw new Error(`no migration ${name}`)
  return index
}
const change = (table: TableName, record: { readonly id: string }): RawChange => ({
  table,
  id: record.id,
  text: JSON.stringify(record),
})
const written = (one: RawChange, schema: number, list: readonly Migration[] = migrations) => inOlderForm([one], schema, list)[0]
const recordIn = (one: RawChange | undefined) => parseRecord(one?.text ?? 'null')

describe('records in an older form', () => {
  it('are left as they are in the newest form', () => {
    const changes = [change('servers', aServer({ id: 'a' }))]
    expect(inOlderForm(changes, migrations.length, migrations)).toBe(changes)
  })

  it('lack what came later, and get it back when they are read', () => {
    const server = aServer({ id: 'a', generation: 3 })
    const older = written(change('servers', server), formBefore('extra disks'))
    expect(recordIn(older)).not.toHaveProperty('disks')
    expect(recordIn(older)).not.toHaveProperty('stateBeforeDelete')
    expect(recordIn(migrated(older ? [older] : [], formBefore('extra disks'), migrations)[0])).toEqual(server)
  })

  it('are refused when an older program would lose what they say', () => {
    const disk = { id: 'd', name: 'data', sizeGb: 1, path: '/d', device: 'vdb', createdAt: '2026-01-01T00:00:00.000Z' }
    const server = { ...aServer({ id: 'a' }), disks: [disk] }
    expect(() => written(change('servers', server), formBefore('extra disks'))).toThrow(
      'disks of servers a cannot be written yet: the records are in a form older than "extra disks"',
    )
    expect(() => written({ table: 'tokens', id: 't', text: null }, formBefore('table of tokens'))).toThrow('the table tokens')
  })

  it('keep beside the older form what an older program may pass over', () => {
    const service = { id: 'c1', generation: 1, understands: { records: 11, messages: 2 } }
    const schema = formBefore('what services understand')
    expect(recordIn(written(change('services', service), schema))).toEqual(service)
  })

  it('keep removals, and what they are about', () => {
    const removal = { table: 'servers', id: 'a', text: null } as const
    expect(inOlderForm([removal], formBefore('extra disks'), migrations)).toEqual([removal])
  })
})

it('every migration only adds: records of the newest form pass through all of them unchanged', () => {
  const server = aServer({ id: 'a', generation: 1 })
  const again = migrations.reduce(
    (record, migration) => migration.migrate('servers', record),
    recordIn(change('servers', server)),
  )
  expect(again).toEqual(server)
})
