/** What a plan would do: collected from progress events, shown as steps with their exact commands. */
import type { ProgressEvent } from '../core/ports.ts'
import { escapeText } from './escape.ts'
import { type Format, toJson, toYaml } from './formats.ts'

export interface PlannedStep {
  readonly flow: string
  readonly step: string
  readonly commands: readonly string[]
}

/** A progress sink that only writes down. */
export class PlanNotes {
  readonly steps: PlannedStep[] = []

  /** Notes a step once, when it is said to be done. */
  sink(event: ProgressEvent): void {
    if (event.type !== 'step' || event.status !== 'done') return
    this.steps.push({ flow: event.flow, step: event.step, commands: event.commands ?? [] })
  }

  async stop(): Promise<void> {}
}

/** The plan for people, or as JSON or YAML. */
export async function renderPlan(steps: readonly PlannedStep[], command: string, format: Format): Promise<string> {
  const plan = { plan: `nova ${command}`, changed: false, steps }
  if (format === 'json') return toJson(plan)
  if (format === 'yaml') return toYaml(plan)
  const lines = steps.flatMap(({ flow, step, commands }, index) => [
    `${index + 1}. ${flow}: ${step}`,
    ...commands.flatMap((command) => command.split('\n').map((line) => `     ${escapeText(line)}`)),
  ])
  return [`plan of nova ${command}: ${steps.length} steps, nothing was changed`, ...lines].join('\n')
}
