/** Waiting for work that a user may stop waiting for: Ctrl-C and `--timeout` end the wait, not the work. */
import { Fault } from '../core/fault.ts'
import type { ProgressEvent, ProgressSink } from '../core/ports.ts'
import type { CallOptions } from './connection.ts'
import { after } from './outside.ts'
import { Interrupted } from './report-error.ts'

export interface Wait {
  readonly work: (options: Pick<CallOptions, 'signal' | 'progress'>) => Promise<unknown>
  readonly progress: ProgressSink
  readonly timeoutMs: number | undefined
  /** The command that shows how the work goes on. */
  readonly follow: string | undefined
  readonly isRead: boolean
  readonly detach: (() => Promise<unknown> | undefined) | undefined
  readonly onInterrupt: (handler: () => void) => () => void
}

/** The work's result; or `Interrupted`, or a `timeout` fault, after the work was handed over. */
export async function waitFor(wait: Wait): Promise<unknown> {
  const controller = new AbortController()
  let flow: string | undefined
  const progress = (event: ProgressEvent) => {
    if (event.type === 'flow') flow = event.flow
    wait.progress(event)
  }
  let stop: (reason: Error) => void = () => undefined
  const stopped = new Promise<Error>((resolve) => {
    stop = resolve
  })
  const follow = wait.follow ?? 'nova server list'
  const release = wait.onInterrupt(() => stop(new Interrupted(interruptText(wait.isRead ? undefined : flow, follow))))
  const cancel = wait.timeoutMs === undefined ? undefined : after(wait.timeoutMs, () => stop(timeoutOf(wait, flow, follow)))
  try {
    const work = wait.work({ signal: controller.signal, progress })
    const first = await Promise.race([work.then((value) => ({ value })), stopped])
    if (!(first instanceof Error)) return first.value
    work.catch(() => undefined)
    if (flow !== undefined && !wait.isRead) await wait.detach?.()
    else controller.abort(first)
    throw first
  } finally {
    release()
    cancel?.()
  }
}

const interruptText = (flow: string | undefined, follow: string) =>
  flow === undefined ? 'interrupted; nothing was changed' : `stopped waiting; ${flow} goes on. follow it with: ${follow}`

function timeoutOf(wait: Wait, flow: string | undefined, follow: string): Fault {
  const seconds = (wait.timeoutMs ?? 0) / 1000
  if (flow === undefined) return new Fault('timeout', `no answer within ${seconds} s`)
  return new Fault('timeout', `${flow} is not finished after ${seconds} s; it goes on`, { hint: follow })
}
