/** The daemon's periodic tasks: the runner over the action `periodic.run`, in the name of `nova`. */
import { runTasks } from '../actions/periodic/run.ts'
import { periodicTasks } from '../actions/periodic/tasks.ts'
import { runPeriodically } from '../periodic/runner.ts'
import { systemClock as clock } from '../system/clock.ts'
import { systemRandom as random } from '../system/random.ts'
import type { Core } from './core.ts'

/** Who acts when nobody asked. */
export const itself = { userId: 'nova', projectId: 'nova', roles: ['admin'] } as const

export interface PeriodicOptions {
  readonly core: Core
  isLeader(): boolean
  note(message: string): void
}

/** Begins the tasks of the settings in force; the returned function ends them and resolves when nothing is begun any more. */
export function startPeriodic({ core, isLeader, note }: PeriodicOptions): () => Promise<void> {
  const stop = new AbortController()
  const ended = runPeriodically(
    {
      clock,
      random,
      isLeader,
      note,
      spreadMs: () => core.settings.periodicFuzzyDelay * 1000,
      tasks: () =>
        core.settings.periodicEnable
          ? periodicTasks.map((task) => ({ name: task.name, everyMs: task.every(core.settings) * 1000 }))
          : [],
      run: (name, signal) => core.perform(runTasks, { tasks: [name] }, { caller: itself, signal, progress: () => undefined }),
    },
    stop.signal,
  )
  return async () => {
    stop.abort()
    await ended
  }
}
