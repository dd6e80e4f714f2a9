/** Progress on stderr: a live list on a terminal, one line a step in a pipe, nothing with `-q`. */
import type { ProgressEvent } from '../core/ports.ts'
import { escapeText } from './escape.ts'
import { bytesText, type Progress } from './progress-parts.ts'
import type { Screen } from './screen.ts'

const silent: Progress = { sink: () => undefined, stop: async () => undefined }

/** The progress display that fits the screen. */
export async function openProgress(screen: Screen, quiet: boolean): Promise<Progress> {
  if (quiet) return silent
  if (!screen.animates) return plainProgress(screen)
  return lazyList(screen)
}

/** listr2 is loaded at the first event only: many writes have no steps at all. */
function lazyList(screen: Screen): Progress {
  let opened: Promise<Progress> | undefined
  return {
    sink(event) {
      opened ??= import('./progress-list.ts').then(({ listProgress }) => listProgress(screen))
      void opened.then((progress) => progress.sink(event))
    },
    stop: async () => (await opened)?.stop(),
  }
}

/** One line for each step that ended. */
export function plainProgress(screen: Screen): Progress {
  const shown = new Map<string, number>()
  return {
    sink(event) {
      const line = lineOf(event, shown)
      if (line !== undefined) screen.err(`${escapeText(line)}\n`)
    },
    stop: async () => undefined,
  }
}

function lineOf(event: ProgressEvent, shown: Map<string, number>): string | undefined {
  if (event.type === 'note') return event.message
  if (event.type === 'bytes') return quarterOf(event, shown)
  if (event.type === 'flow' || event.status === 'running') return undefined
  return `${event.flow}: ${event.step} ${event.status}${event.message ? `: ${event.message}` : ''}`
}

/** Bytes are said at each quarter, not at each block. */
function quarterOf(event: ProgressEvent & { type: 'bytes' }, shown: Map<string, number>): string | undefined {
  if (!event.total) return undefined
  const quarter = Math.floor((event.done / event.total) * 4)
  if (quarter === 0 || (shown.get(event.what) ?? 0) >= quarter) return undefined
  shown.set(event.what, quarter)
  return `${event.what}: ${bytesText(event.done, event.total)}`
}
