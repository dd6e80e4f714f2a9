/** The live list of steps on a terminal, drawn by listr2 on stderr. */
import type { ListrTaskWrapper } from 'listr2'
import type { ProgressEvent } from '../core/ports.ts'
import { escapeText } from './escape.ts'
import { bytesText, type Progress } from './progress.ts'
import type { Screen } from './screen.ts'

type Step = ProgressEvent & { type: 'step' }
// biome-ignore lint/suspicious/noExplicitAny: listr2 names its renderers as types; only title and output are used
type Task = ListrTaskWrapper<unknown, any, any>

interface Running {
  readonly finish: (failure: Error | undefined) => void
  readonly done: Promise<void>
  task: Task | undefined
}

/** Each step is a task that ends when its event says so. */
export async function listProgress(screen: Screen): Promise<Progress> {
  const { Listr, ListrLogger, ProcessOutput } = await import('listr2')
  const objects = new Map<string, string>()
  const running = new Map<string, Running>()
  const drawn: Promise<unknown>[] = []

  const start = (event: Step) => {
    const entry = runningStep()
    const object = objects.get(event.flow)
    const title = escapeText(`${event.flow}${object === undefined ? '' : ` ${object}`}: ${event.step}`)
    const logger = new ListrLogger({ processOutput: new ProcessOutput(process.stderr, process.stderr) })
    const list = new Listr(
      [
        {
          title,
          task: (_context: unknown, task: Task) => {
            entry.task = task
            return entry.done
          },
        },
      ],
      { concurrent: true, exitOnError: false, registerSignalListeners: false, rendererOptions: { logger, outputBar: true } },
    )
    running.set(keyOf(event), entry)
    drawn.push(list.run().catch(() => undefined))
    return entry
  }

  const step = (event: Step) => {
    const entry = running.get(keyOf(event)) ?? start(event)
    if (event.status === 'running' || event.status === 'undoing') return
    running.delete(keyOf(event))
    entry.finish(event.status === 'failed' ? new Error(escapeText(event.message ?? 'failed')) : undefined)
  }

  return {
    sink(event) {
      if (event.type === 'flow') objects.set(event.flow, event.object)
      else if (event.type === 'note') screen.err(`${escapeText(event.message)}\n`)
      else if (event.type === 'step') step(event)
      else
        for (const { task } of running.values())
          if (task) task.output = escapeText(`${event.what}: ${bytesText(event.done, event.total)}`)
    },
    async stop() {
      for (const entry of running.values()) entry.finish(undefined)
      await Promise.all(drawn)
    },
  }
}

const keyOf = (event: Step) => `${event.flow}\u0000${event.step}`

function runningStep(): Running {
  let finish: Running['finish'] = () => undefined
  const done = new Promise<void>((resolve, reject) => {
    finish = (failure) => (failure ? reject(failure) : resolve())
  })
  done.catch(() => undefined)
  return { finish: (failure) => finish(failure), done, task: undefined }
}
