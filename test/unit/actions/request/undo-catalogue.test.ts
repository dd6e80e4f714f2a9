/** Every action that changes something is either undone from history or says why not. */
import { describe, expect, it } from 'vitest'
import { lasting, undoable } from '../../../../src/actions/request/undo-catalogue.ts'
import { undoAction, undoesOf, undoWords } from '../../../../src/actions/request/undo-words.ts'
import { commandTable } from '../../../../src/cli/command-table.ts'
import { everyAction } from '../../../support/open-doors.ts'

describe('the catalogue of undo', () => {
  it('has each action that changes something once, and no other', async () => {
    const changing = (await everyAction()).filter(({ effect }) => effect !== 'read').map(({ name }) => name)
    const known = [...undoable.keys(), ...lasting.keys(), undoAction]
    expect(known.sort()).toEqual(changing.sort())
  })

  it('names commands that are there', async () => {
    const described = await commandTable.describe()
    const words = new Set(described.flatMap(({ id, aliases }) => [id.replaceAll(':', ' '), ...aliases]))
    const named = [...lasting.values()].flatMap(({ instead }) => (instead === undefined ? [] : [instead.replace('nova ', '')]))
    expect(named.filter((command) => !words.has(command))).toEqual([])
  })
})

describe('the words of an undo', () => {
  it.each([
    { actions: ['flavor.set'], request: 'req-1', revisions: [12] },
    { actions: ['server-group.create', 'keypair.import'], request: 'a_b.c', revisions: [1, 2, 3] },
  ])('say what %j was', (undoes) => expect(undoesOf(undoWords(undoes))).toEqual(undoes))

  it.each(['flavor.set', 'request.undo', 'request.undo flavor.set of req-1', 'x request.undo flavor.set of r at 1', ''])(
    'are not %j',
    (action) => expect(undoesOf(action)).toBeUndefined(),
  )
})
