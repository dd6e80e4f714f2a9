/** The hash of a whole state: every table's name and its records' JSON in order. */
import { tableNames } from '../../model/tables.ts'
import { Overrides, type State } from '../state.ts'
import { StateReader } from '../state-reader.ts'
import type { Hasher } from './journal-line.ts'

/** The text that the hash is made over, piece by piece; tables without records are left out. */
export function* hashedText(state: State): Generator<string | Buffer> {
  const reader = new StateReader(state, new Overrides())
  for (const table of tableNames) {
    let isFirst = true
    for (const item of reader.items(table)) {
      if (isFirst) yield `${table}\n`
      isFirst = false
      yield item.text()
      yield '\n'
    }
  }
}

/** The same hash as a snapshot's writer makes. Holds the whole state in memory for it. */
export function stateHash(state: State, hash: Hasher): string {
  return hash(Buffer.concat([...hashedText(state)].map((piece) => Buffer.from(piece))))
}
