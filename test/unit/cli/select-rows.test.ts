import { describe, expect, it } from 'vitest'
import { selectRows } from '../../../src/cli/select-rows.ts'

const rows = [
  { id: '1', name: 'web-10', size: 3 },
  { id: '2', name: 'web-2', size: 10 },
  { id: '3', name: 'db', size: null },
]
const nothing = { filters: [], sort: undefined, marker: undefined, limit: undefined }
const names = (selection: object) => selectRows(rows, [], { ...nothing, ...selection }).map((row) => row.name)

describe('selectRows', () => {
  it('sorts numbers by size, names by their numbers, nothing last', () => {
    expect(names({ sort: 'size' })).toEqual(['web-10', 'web-2', 'db'])
    expect(names({ sort: 'name' })).toEqual(['db', 'web-2', 'web-10'])
    expect(names({ sort: 'name:desc' })).toEqual(['web-10', 'web-2', 'db'])
  })

  it('filters with *, != and several at once', () => {
    expect(names({ filters: ['name=web-*'] })).toEqual(['web-10', 'web-2'])
    expect(names({ filters: ['name!=db', 'size=10'] })).toEqual(['web-2'])
    expect(names({ filters: ['name=WEB-2'] })).toEqual(['web-2'])
  })

  it('pages by marker and limit', () => expect(names({ marker: '1', limit: 1 })).toEqual(['web-2']))

  it.each([
    [{ filters: ['name'] }, 'invalid'],
    [{ sort: 'name:up' }, 'invalid'],
    [{ sort: 'nme' }, 'invalid'],
    [{ marker: 'x' }, 'not-found'],
  ])('refuses %j as %s', (selection, kind) => expect(() => names(selection)).toThrowError(expect.objectContaining({ kind })))
})
