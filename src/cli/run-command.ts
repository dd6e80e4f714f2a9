/** One run of a command: input, questions, the call, the result on stdout. */
import { Fault } from '../core/fault.ts'
import { checkColumns } from './check-columns.ts'
import { asColumn } from './columns.ts'
import type { AnyOptions, CommandSpec } from './command-spec.ts'
import { confirmDestroy } from './confirm-destroy.ts'
import type { CallOptions, Connection } from './connection.ts'
import { targetOf } from './contexts.ts'
import { debugCall } from './debug-call.ts'
import { escapeDeep, escapeText } from './escape.ts'
import { fileOfFormat, type Globals, readGlobals } from './global-flags.ts'
import { type Input, inputOf, labelOf, missingFrom } from './input-of.ts'
import { isLocal, localConnection } from './local-action.ts'
import { PlanNotes, renderPlan } from './plan-notes.ts'
import { openProgress } from './progress.ts'
import { knownColumns, render } from './render.ts'
import type { Runtime } from './runtime.ts'
import { selectRows } from './select-rows.ts'
import { waitFor } from './wait-for.ts'

export interface CommandLine {
  readonly id: string
  readonly words: readonly string[]
  readonly flags: Readonly<Record<string, unknown>>
}

interface Run {
  readonly spec: CommandSpec
  readonly id: string
  readonly globals: Globals
  readonly runtime: Runtime
  readonly connection: Connection
}

/** Runs the command and resolves with the exit code; failures are thrown for the dispatcher to report. */
export async function runCommand(spec: CommandSpec, line: CommandLine, runtime: Runtime): Promise<number> {
  const flags = fileOfFormat(spec, line.flags)
  const globals = readGlobals(flags)
  if (globals.columns.includes('help')) return listColumns(spec, runtime)
  checkColumns(spec, globals)
  if (globals.format === 'junit' && !spec.options.junit)
    throw new Fault('invalid', `nova ${line.id} checks nothing: it has no format junit`)
  const given = inputOf(spec.parameters, line.words, flags)
  const prepared: Input = spec.options.prepare ? { ...given, ...(await spec.options.prepare(given, runtime.screen)) } : given
  if (!runtime.screen.interactive) requireAll(spec, line.id, prepared)
  const connection = isLocal(spec.action)
    ? localConnection(runtime, () => targetOf(globals, runtime.env))
    : await runtime.connect({
        ...targetOf(globals, runtime.env),
        interactive: runtime.screen.interactive,
      })
  try {
    return await runConnected({ spec, id: line.id, globals, runtime, connection }, prepared)
  } finally {
    await connection.close()
  }
}

async function runConnected(run: Run, given: Input): Promise<number> {
  const input = await complete(run, given)
  await confirmDestroy(run.spec, input, run.globals, run.runtime.screen)
  for (let asked = rowsInput(run, input), part = run; ; part = withoutHeader(part)) {
    const output = await performAsking(part, asked).catch((error: unknown) => {
      throw inUserWords(error, run.spec)
    })
    if (output === undefined) return 0
    const more = run.spec.options.goesOn?.(output.value, asked)
    const code = await finish(part, output.value, asked, more !== undefined)
    if (more === undefined) return code
    asked = { ...asked, ...more }
  }
}

/** What follows the first part of a feed. */
const withoutHeader = (run: Run): Run => ({ ...run, globals: { ...run.globals, header: false } })

/** A person may let it go on after a failure, as often as there is something to ask. */
const performAsking = (run: Run, input: Input): ReturnType<typeof perform> =>
  perform(run, input).catch(async (error: unknown) => performAsking(run, { ...input, ...(await changeAfter(run, error)) }))

/** What a person lets the command do after its failure; without a yes the failure stands. */
async function changeAfter({ spec, runtime }: Run, error: unknown): Promise<Input> {
  const offer = error instanceof Fault && runtime.screen.interactive ? spec.options.again?.(error) : undefined
  if (!offer) throw error
  if (offer.rows) {
    const view = { format: 'table', columns: [], header: true } as const
    runtime.screen.err(`${await render(offer.rows, offer, view, runtime.screen)}\n`)
  }
  const { confirm } = await import('./prompts.ts')
  if (!(await confirm(escapeText(offer.question)))) throw error
  return offer.input
}

/** Asks for what is missing in a terminal. */
async function complete(run: Run, given: Input): Promise<Input> {
  if (!run.runtime.screen.interactive) return given
  const asked = run.spec.parameters.filter(
    ({ field }) => given[field.name] === undefined && wantsAsking(run.spec.options, field.name, given),
  )
  if (asked.length === 0 && missingFrom(run.spec.parameters, given).length === 0) return given
  const { ask } = await import('./prompts.ts')
  const missing = missingFrom(run.spec.parameters, given)
  const parameters = run.spec.parameters.filter((parameter) => missing.includes(parameter) || asked.includes(parameter))
  const list = (action: string) => run.connection.call(action, {}, quietCall(run))
  return { ...given, ...(await ask(parameters, run.spec.options.ask ?? {}, list)) }
}

function wantsAsking(options: AnyOptions, field: string, given: Input): boolean {
  const ask = options.ask?.[field]
  return ask !== undefined && !(ask.unless ?? []).some((other: string) => given[other] !== undefined)
}

const quietCall = (run: Run): CallOptions => ({
  signal: new AbortController().signal,
  progress: () => undefined,
  requestId: run.runtime.requestId,
})

function requireAll(spec: CommandSpec, id: string, input: Input): void {
  const missing = missingFrom(spec.parameters, input).map(labelOf)
  if (missing.length > 0) throw new Fault('invalid', `nova ${id} needs ${missing.join(' and ')}`, { hint: `nova help ${id}` })
}

/** `--limit` and `--marker` go to the action when it takes them and nothing else chooses rows. */
function rowsInput({ spec, globals }: Run, input: Input): Input {
  const choosesHere = globals.sort !== undefined || globals.filters.length > 0
  const passed = Object.entries(input).filter(
    ([name]) => !(spec.isList && choosesHere && (name === 'limit' || name === 'marker')),
  )
  return Object.fromEntries(passed)
}

/** The output in a box, or undefined when a plan took its place. */
async function perform(run: Run, input: Input): Promise<{ readonly value: unknown } | undefined> {
  const { spec, globals, runtime, connection } = run
  const notes = globals.plan ? new PlanNotes() : undefined
  const progress = notes ?? (await openProgress(runtime.screen, globals.quiet || spec.action.effect === 'read'))
  const debug = globals.debug ? debugCall(runtime, spec.action, input) : undefined
  try {
    const value = await waitFor({
      work: (options) =>
        connection.call(spec.action, input, {
          ...options,
          requestId: runtime.requestId,
          ...(globals.plan ? { plan: true } : {}),
          ...(globals.at === undefined ? {} : { at: globals.at }),
        }),
      progress: (event) => progress.sink(event),
      timeoutMs: hasOwnTimeout(spec) ? undefined : globals.timeoutMs,
      follow: spec.options.follow?.(input),
      isRead: spec.action.effect === 'read',
      detach: connection.detach && (() => connection.detach?.()),
      onInterrupt: (handler) => runtime.onInterrupt(handler),
    })
    if (!notes) return { value }
    runtime.screen.out(`${await renderPlan(notes.steps, run.id, globals.format)}\n`)
    return undefined
  } finally {
    await progress.stop()
    debug?.()
  }
}

/** An action with a field of that name keeps its own time, and knows better what it waited for. */
const hasOwnTimeout = (spec: CommandSpec) => spec.parameters.some(({ flag }) => flag === 'timeout')

async function finish(run: Run, output: unknown, input: Input, isPart = false): Promise<number> {
  const { spec, globals, runtime } = run
  const text = isPart && globals.format === 'json' ? linesOf(run, output) : await textOf(run, output, input)
  if (text !== '') runtime.screen.out(`${text}\n`)
  if (spec.options.after && !globals.formatGiven) return spec.options.after(output, runtime.screen, run.connection, input)
  return runtime.exitCode?.(output) ?? spec.options.exitCode?.(output) ?? 0
}

/** A part of a feed as JSON: one item a line, or the part when it holds no records. */
function linesOf({ spec, globals }: Run, output: unknown): string {
  const items = chosenRows(spec, globals, output)
  return (Array.isArray(items) ? items : [items]).map((item: unknown) => JSON.stringify(item)).join('\n')
}

async function textOf({ spec, id, globals, runtime }: Run, output: unknown, input: Input): Promise<string> {
  const { options } = spec
  const forPeople = !globals.formatGiven && globals.columns.length === 0
  if (forPeople && options.render) return options.render(escapeDeep(output), runtime.screen, input)
  if (forPeople && options.done) return globals.quiet ? '' : escapeText(options.done(escapeDeep(output), input))
  if (globals.format === 'junit' && options.junit) {
    const { junit } = await import('./junit.ts')
    return junit(`nova ${id}`, options.junit(output))
  }
  const view = { format: globals.format, columns: globals.columns, header: globals.header }
  return render(chosenRows(spec, globals, output), options, view, runtime.screen)
}

function chosenRows(spec: CommandSpec, globals: Globals, output: unknown): unknown {
  const list = spec.options.items === undefined ? output : Reflect.get(Object(output), spec.options.items)
  if (!spec.isList || !Array.isArray(list)) return output
  const rows = list.map((row: unknown) => Object(row) as Record<string, unknown>)
  const takes = (name: string) => spec.parameters.some(({ field }) => field.name === name)
  const choosesHere = globals.sort !== undefined || globals.filters.length > 0
  return selectRows(rows, knownColumns(spec.options), {
    filters: takes('filter') ? [] : globals.filters,
    sort: takes('sort') ? undefined : (globals.sort ?? spec.options.sort),
    limit: takes('limit') && !choosesHere ? undefined : globals.limit,
    marker: takes('marker') && !choosesHere ? undefined : globals.marker,
  })
}

/** `-c help`: the names that `-c` takes. */
function listColumns(spec: CommandSpec, { screen }: Runtime): number {
  const known = knownColumns(spec.options).map((column) => column.key)
  const names = [...new Set([...known, ...spec.outputFields.map((field) => asColumn(field).key)])]
  screen.out(`${names.join('\n')}\n`)
  return 0
}

/** A schema's message names the field; the user knows it as a flag. */
function inUserWords(error: unknown, spec: CommandSpec): unknown {
  if (!(error instanceof Fault) || error.kind !== 'invalid') return error
  const parameter = spec.parameters.find(
    ({ field }) => error.message.startsWith(`${field.name} `) || error.message.startsWith(`${field.name}.`),
  )
  if (!parameter) return error
  const message = labelOf(parameter) + error.message.slice(parameter.field.name.length)
  return new Fault(error.kind, message, {
    ...(error.hint === undefined ? {} : { hint: error.hint }),
    details: error.details,
    cause: error.cause,
  })
}
