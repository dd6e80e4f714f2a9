/**
 * New revisions of the journal as anybody appends them: what was there before the segments in force comes from history,
 * the rest from a tail of its own. Other processes append without telling, so it looks often.
 */
import { Fault } from '../../core/fault.ts'
import type { Clock } from '../../core/ports.ts'
import type { Revision } from '../store.ts'
import { revisionOf } from './history.ts'
import { JournalTail, type Source } from './journal-tail.ts'
import { readManifest } from './manifest.ts'
import { unmoved } from './past-state.ts'
import { allEntries } from './segment-entries.ts'
import type { Entry } from './segment-reader.ts'

/** Milliseconds between looks at the journal. */
const lookMs = 100

/** Every revision after `from`, in order, until `signal` aborts. `newest` is the newest revision that is durable. */
export async function* watchJournal(
  source: Source,
  clock: Clock,
  newest: () => Promise<number>,
  from: number,
  signal: AbortSignal,
): AsyncGenerator<Revision> {
  let last = from
  let tail: JournalTail | undefined
  let waiting: Entry[] = []
  const note = (entry: Entry) => {
    if (entry.revision > last) waiting.push(entry)
  }
  try {
    while (!signal.aborted) {
      // Asked before the look: lines behind it may not be durable yet and wait for the next look.
      const durable = await newest()
      if (durable > last + waiting.length && tail?.follow(note) !== 'followed') {
        tail?.close()
        waiting = []
        const found = readManifest(source.fs, source.directory)?.manifest
        const end = { revision: found?.revision ?? 0, link: found?.link ?? '' }
        if (end.revision > last) waiting = await entriesAfter(source, last)
        tail = new JournalTail(source, found?.generation ?? 0, end, found === undefined)
        if (tail.follow(note) === 'lost') tail = undefined
      }
      // Taken off at once: one by one, those behind would all move up each time.
      const ready = waiting.filter(({ revision }) => revision <= durable)
      waiting = waiting.filter(({ revision }) => revision > durable)
      for (const entry of ready) {
        if (signal.aborted) return
        if (entry.revision <= last) continue
        if (entry.revision > last + 1) throw archived(last + 1, entry.revision)
        last = entry.revision
        yield revisionOf(source, entry)
      }
      if (!signal.aborted) await clock.sleep(lookMs, signal).catch(() => undefined)
    }
  } finally {
    tail?.close()
  }
}

const entriesAfter = (source: Source, last: number): Promise<Entry[]> =>
  unmoved(source, async () => {
    const entries: Entry[] = []
    for await (const entry of allEntries(source)) if (entry.revision > last) entries.push(entry)
    return entries
  })

function archived(wanted: number, oldest: number): Fault {
  return new Fault('not-found', `revision ${wanted} is no longer kept, the oldest after it is ${oldest}`, {
    hint: 'it was purged; or bring the archived segments back into the history directory',
  })
}
