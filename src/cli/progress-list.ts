/** The live list of steps on a terminal, drawn by listr2 on stderr: one list for each flow, one after the other. */
import type { ListrTaskWrapper } from 'listr2'
import type { ProgressEvent } from '../core/ports.ts'
import { escapeText } from './escape.ts'
import { bytesText, type Progress } from './progress-parts.ts'
import type { Screen } from './screen.ts'

// biome-ignore lint/suspicious/noExplicitAny: listr2 names its renderers as types; only title and output are used
type Task = ListrTaskWrapper<unknown, any, any>
type Step = ProgressEvent & { type: 'step' }
type Flow = ProgressEvent & { type: 'flow' }

/** One step as a task: it begins and ends when the flow's events say so. */
interface StepTask {
  readonly ended: Promise<void>
  readonly end: (failure?: Error) => void
  task: Task | undefined
}

/** A progress display that needs a terminal. */
export async function listProgress(screen: Screen): Promise<Progress> {
  const listr2 = await import('listr2')
  const flows = new Map<string, Map<string, StepTask>>()
  let drawn: Promise<unknown> = Promise.resolve()

  const open = (event: Flow) => {
    const steps = new Map(event.steps.map((name) => [name, stepTask()] as const))
    flows.set(event.flow, steps)
    drawn = drawn.then(() => draw(listr2, event, steps))
  }

  return {
    sink(event) {
      if (event.type === 'flow') open(event)
      else if (event.type === 'note') screen.err(`${escapeText(event.message)}\n`)
      else if (event.type === 'step') endStep(event, flows.get(event.flow))
      else showBytes(event, flows)
    },
    async stop() {
      // What was never said to end is not drawn as running for ever.
      for (const steps of flows.values()) for (const step of steps.values()) step.end()
      await drawn
    },
  }
}

function stepTask(): StepTask {
  let end: StepTask['end'] = () => undefined
  const ended = new Promise<void>((resolve, reject) => {
    end = (failure) => (failure ? reject(failure) : resolve())
  })
  ended.catch(() => undefined)
  return { ended, end: (failure) => end(failure), task: undefined }
}

/** Resolves when every step ended, or one failed. */
function draw(listr2: typeof import('listr2'), flow: Flow, steps: ReadonlyMap<string, StepTask>): Promise<unknown> {
  const { Listr, ListrLogger, ProcessOutput } = listr2
  const logger = new ListrLogger({ processOutput: new ProcessOutput(process.stderr, process.stderr) })
  const tasks = [...steps].map(([name, step]) => ({
    title: escapeText(name),
    task: (_context: unknown, task: Task) => {
      step.task = task
      return step.ended
    },
  }))
  const title = escapeText(flow.flow)
  const list = new Listr([{ title, task: (_context: unknown, task: Task) => task.newListr(tasks) }], {
    exitOnError: true,
    registerSignalListeners: false,
    rendererOptions: { logger, collapseSubtasks: false },
  })
  return list.run().catch(() => undefined)
}

function endStep(event: Step, steps: ReadonlyMap<string, StepTask> | undefined): void {
  const step = steps?.get(event.step)
  if (event.status === 'done' || event.status === 'undone') step?.end()
  if (event.status === 'failed') step?.end(new Error(escapeText(event.message ?? 'failed')))
}

function showBytes(event: ProgressEvent & { type: 'bytes' }, flows: ReadonlyMap<string, ReadonlyMap<string, StepTask>>): void {
  for (const steps of flows.values())
    for (const { task } of steps.values())
      if (task?.task.isPending()) task.output = escapeText(`${event.what}: ${bytesText(event.done, event.total)}`)
}
