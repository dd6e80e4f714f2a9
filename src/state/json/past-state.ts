/** The state as it was at a moment, rebuilt from the journal. */
import { Fault } from '../../core/fault.ts'
import { parseIsoTime } from '../iso-time.ts'
import { noSuchRevision } from '../moment.ts'
import { State } from '../state.ts'
import type { Moment } from '../store.ts'
import type { Source } from './journal-tail.ts'
import { migrated } from './migrations.ts'
import { allEntries } from './segment-entries.ts'
import type { Entry } from './segment-reader.ts'

/** `not-found` when that revision is not there yet or no longer. `newest` is the revision of now. */
export async function pastState(source: Source, newest: number, moment: Moment): Promise<State> {
  const isWithin = limitOf(moment, newest)
  const state = new State()
  for await (const entry of allEntries(source)) {
    if (!isWithin(entry)) break
    if (entry.revision !== state.revision + 1) throw archivedFault(moment, entry.revision)
    state.commit(migrated(entry.changes, entry.schema, source.migrations), entry.at)
  }
  return state
}

function limitOf(moment: Moment, newest: number): (entry: Entry) => boolean {
  if ('time' in moment) {
    const time = parseIsoTime(moment.time)
    return ({ at }) => parseIsoTime(at) <= time
  }
  const { revision } = moment
  if (!Number.isSafeInteger(revision) || revision < 0) {
    throw new Fault('invalid', `revision ${revision} is not a whole number from 0`)
  }
  if (revision > newest) throw noSuchRevision(revision, newest)
  return (entry) => entry.revision <= revision
}

function archivedFault(moment: Moment, oldest: number): Fault {
  const asked = 'time' in moment ? `time ${moment.time}` : `revision ${moment.revision}`
  return new Fault('not-found', `${asked} cannot be rebuilt: the journal is kept from revision ${oldest} on`, {
    hint: 'bring the archived segments back into the history directory',
  })
}
