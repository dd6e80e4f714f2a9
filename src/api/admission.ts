/**
 * Who may work now: so many calls at once, the rest waits in one line for each project, served in turn, and what finds no
 * place is refused at once. Administrators have places of their own, so that they get through when tenants fill the rest.
 */
import { Fault } from '../core/fault.ts'

export interface AdmissionOptions {
  /** Calls that run at once. */
  readonly running: number
  /** Calls that wait, of all projects together. */
  readonly waiting: number
}

type Release = () => void

export interface Admission {
  /** Resolves with the release when the call may run. Fault `unreachable` with `retryAfterSeconds` when the line is full. */
  admit(projectId: string, isAdmin: boolean): Promise<Release>
  readonly running: number
  readonly waiting: number
  /** Calls refused since the start. */
  readonly refused: number
}

export function admission({ running, waiting }: AdmissionOptions): Admission {
  const tenants = lane(running, waiting)
  const admins = lane(running, waiting)
  let refused = 0
  return {
    async admit(projectId, isAdmin) {
      const entry = (isAdmin ? admins : tenants).enter(projectId)
      if (entry) return entry
      refused += 1
      throw new Fault('unreachable', `nova has ${running} calls running and ${waiting} waiting`, {
        hint: 'try again in a second',
        details: { retryAfterSeconds: 1 },
      })
    },
    get running() {
      return tenants.running + admins.running
    },
    get waiting() {
      return tenants.waiting + admins.waiting
    },
    get refused() {
      return refused
    },
  }
}

function lane(mostRunning: number, mostWaiting: number) {
  /** Projects with somebody in line, in the order of their turns. */
  const lines = new Map<string, ((release: Release) => void)[]>()
  let running = 0
  let waiting = 0

  function release(): void {
    const [turn] = lines
    if (!turn) {
      running -= 1
      return
    }
    const [project, line] = turn
    const next = line.shift()
    lines.delete(project)
    // Behind all others: a project with a hundred calls waits as long for its second as one with two.
    if (line.length > 0) lines.set(project, line)
    waiting -= 1
    next?.(once(release))
  }

  return {
    enter(project: string): Promise<Release> | undefined {
      if (running < mostRunning) {
        running += 1
        return Promise.resolve(once(release))
      }
      if (waiting >= mostWaiting) return undefined
      waiting += 1
      return new Promise((resolve) => {
        const line = lines.get(project)
        if (line) line.push(resolve)
        else lines.set(project, [resolve])
      })
    },
    get running() {
      return running
    },
    get waiting() {
      return waiting
    },
  }
}

function once(release: Release): Release {
  let isDone = false
  return () => {
    if (!isDone) release()
    isDone = true
  }
}
