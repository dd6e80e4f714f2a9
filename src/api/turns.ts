/**
 * Turns of one connection for the daemon's own methods, which wait in no line of the admission: so many at once, each in a turn
 * of the event loop of its own, and none while the connection's reader is behind.
 */
import { Fault } from '../core/fault.ts'

export interface Turns {
  /** Resolves with the release when the call may run. Fault `unreachable` when the connection has ended before. */
  take(): Promise<() => void>
  /** To be called when the reader has caught up. */
  go(): void
  /** Nobody waits for the answers any more. */
  end(): void
}

export function turns(most: number, mayStart: () => boolean): Turns {
  const line: { readonly start: () => void; readonly fail: (fault: Fault) => void }[] = []
  let running = 0

  /** The next one starts in another turn of the event loop: other connections come in between. */
  function go(): void {
    if (running >= most || !mayStart()) return
    const next = line.shift()
    if (!next) return
    running += 1
    next.start()
    setImmediate(go)
  }

  function release(): void {
    running -= 1
    setImmediate(go)
  }

  return {
    take: () =>
      new Promise((resolve, reject) => {
        line.push({ start: () => resolve(release), fail: reject })
        go()
      }),
    go,
    end() {
      for (const { fail } of line.splice(0)) fail(new Fault('unreachable', 'the client has gone'))
    },
  }
}
