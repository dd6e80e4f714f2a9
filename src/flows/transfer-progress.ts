/** What hosts report while bytes travel, as progress for people: seldom enough to be read. */
import type { Tools } from './flow.ts'

/** Milliseconds between two lines about one transfer; its end is always said. */
const everyMs = 500

interface Transfer {
  readonly what: string
  readonly done: number
  readonly total: number
}

/** The listener of a call that sends bytes; `what` names them for a person. */
export function transferProgress({ clock, progress }: Pick<Tools, 'clock' | 'progress'>, what: string) {
  const say = sayBytes({ clock, progress })
  return (report: unknown): void => {
    const { done, total } = report as Partial<Transfer>
    if (typeof done === 'number' && typeof total === 'number') say({ what, done, total })
  }
}

/** Says bytes of several things, each not too often. */
export function sayBytes({ clock, progress }: Pick<Tools, 'clock' | 'progress'>): (transfer: Transfer) => void {
  const said = new Map<string, number>()
  return ({ what, done, total }) => {
    const now = clock.monotonic()
    const isEarly = now - (said.get(what) ?? Number.NEGATIVE_INFINITY) < everyMs
    if (isEarly && done < total) return
    said.set(what, now)
    progress({ type: 'bytes', what, done, total })
  }
}
