import { asFault, Fault } from '../../core/fault.ts'
import { nearest } from '../../core/nearest.ts'
import { perform } from '../../core/perform.ts'
import { list, object, text, z } from '../../core/schema.ts'
import { iso } from '../../core/time.ts'
import { type PeriodicRecord, type PeriodicView, periodicView } from '../../model/periodic.ts'
import { type Context, defineAction, writing } from '../context.ts'
import { countOf } from '../count-of.ts'
import { type PeriodicTask, periodicTasks } from './tasks.ts'
import { viewOfTask } from './view-of-task.ts'

/** Characters kept of what a task says. */
const longestMessage = 500

export const runTasks = defineAction({
  name: 'periodic.run',
  summary: 'run periodic tasks now, also those that are off',
  effect: 'write',
  policy: 'admin',
  input: object({ tasks: list(text(64), 50).min(1).describe("Nova's names of tasks, for example sync_power_states") }),
  output: z.array(periodicView),
  async run({ tasks }, context) {
    const wanted = tasks.map(taskOf)
    const views: PeriodicView[] = []
    for (const task of wanted) views.push(await ran(task, context))
    return views
  },
})

function taskOf(name: string): PeriodicTask {
  const plain = name.replace(/^_/, '')
  const task = periodicTasks.find((each) => each.name === plain)
  if (task) return task
  const near = nearest(
    plain,
    periodicTasks.map((each) => each.name),
  )
  throw new Fault('not-found', `no periodic task ${name}`, {
    hint: near.length > 0 ? `did you mean ${near.join(', ')}?` : 'nova periodic list',
  })
}

/** Runs the task and records how it went; its fault is thrown after that. */
async function ran(task: PeriodicTask, context: Context): Promise<PeriodicView> {
  const began = { wall: context.clock.wall(), monotonic: context.clock.monotonic() }
  const outcome = await outcomeOf(task, context)
  const isOk = !(outcome instanceof Fault)
  const record = await writing(context, 'periodic.run', async (tx) => {
    const before = await tx.get('periodicTasks', task.name)
    const facts: Omit<PeriodicRecord, 'generation'> = {
      id: task.name,
      lastRunAt: iso(began.wall),
      durationMs: Math.round(context.clock.monotonic() - began.monotonic),
      result: isOk ? 'ok' : outcome.kind,
      message: isOk ? outcome : outcome.message.slice(0, longestMessage),
      actor: context.userId,
      runs: (before?.runs ?? 0) + 1,
      failures: isOk ? 0 : (before?.failures ?? 0) + 1,
    }
    return before ? tx.update('periodicTasks', { ...before, ...facts }) : tx.insert('periodicTasks', facts)
  })
  if (!isOk) throw outcome
  return viewOfTask(task, record, context.settings)
}

/** What the task did, in a few words, or why it did not. A task that ignores its end is not waited for. */
async function outcomeOf(task: PeriodicTask, context: Context): Promise<string | null | Fault> {
  const { signal, settings } = context
  const end = new Promise<never>((_, reject) => {
    const late = () => reject(new Fault('timeout', `${task.action} did not end in its time`))
    if (signal.aborted) late()
    signal.addEventListener('abort', late, { once: true })
  })
  try {
    const work = task.load().then((action) => perform(action, task.input(settings), context))
    work.catch(() => undefined)
    return saidOf(await Promise.race([work, end]))
  } catch (error) {
    return asFault(error)
  }
}

function saidOf(output: unknown): string | null {
  if (!Array.isArray(output) || output.length === 0) return null
  const [first] = output.map((row: unknown) => Object(row))
  const about = String(first.message ?? first.reason ?? first.name ?? first.server ?? '')
  return `${countOf(output.length, 'result')}${about === '' ? '' : `; ${about}`}`.slice(0, longestMessage)
}
