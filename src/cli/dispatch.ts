/** From the command line to one command: finds it, runs it, reports what went wrong, says which exit code. */
import { executeCommand, isActionCommand } from './command-for.ts'
import { commandTable } from './command-table.ts'
import { connect } from './connect.ts'
import { newRequestId } from './outside.ts'
import { Interrupted, reportError } from './report-error.ts'
import { lightConfig, type Runtime } from './runtime.ts'
import { type ColorChoice, openScreen } from './screen.ts'

/** Runs one command line to its exit code; never throws. */
export async function dispatch(argv: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  if (argv[0] === 'complete') return complete(argv.slice(1), env)
  const words = withGlobalsLast(argv)
  const screen = await openScreen(colorOf(words), env)
  const requestId = newRequestId()
  const runtime: Runtime = { screen, requestId, env, connect, onInterrupt }
  const style = { json: wantsJson(words), debug: before(words).includes('--debug'), requestId }
  try {
    if (words[0] === 'manage') return await (await import('./manage-tool.ts')).manageTool(words.slice(1), runtime, style, route)
    return await route(words, runtime)
  } catch (error) {
    // nova-status has one exit code for whatever goes wrong.
    const code = await reportError(error, screen, words[0] === 'status' ? { ...style, code: () => 255 } : style)
    // The work that goes on elsewhere may still hold this process's event loop.
    if (error instanceof Interrupted) process.exit(code)
    return code
  }
}

async function route(argv: readonly string[], runtime: Runtime): Promise<number> {
  const flags = before(argv)
  if (argv.length === 0 || argv[0] === 'help' || flags.includes('--help') || flags.includes('-h')) {
    const { showHelp } = await import('./help.ts')
    return showHelp(
      argv.filter((word) => !['--help', '-h'].includes(word)),
      runtime.screen,
    )
  }
  if (argv[0] === '--version' || argv[0] === '-V') {
    runtime.screen.out(`novakit/${commandTable.version} node-${process.version}\n`)
    return 0
  }
  const found = await findCommand(argv)
  if (found) return run(found, argv, runtime)
  const { showTopic, unknownCommand } = await import('./help.ts')
  if (await showTopic(argv, runtime.screen)) return 0
  throw await unknownCommand(argv)
}

interface Found {
  readonly id: string
  /** Words of the command line that name it. */
  readonly length: number
  readonly module: Promise<{ default?: unknown }>
}

/** The longest run of leading words that is a command, or an alias. */
async function findCommand(argv: readonly string[]): Promise<Found | undefined> {
  const dash = argv.findIndex((word) => word.startsWith('-'))
  const leading = argv.slice(0, dash < 0 ? 3 : Math.min(3, dash))
  for (let length = leading.length; length > 0; length--) {
    const id = leading.slice(0, length).join(':')
    const module = commandTable.load(id)
    if (module) return { id, length, module }
  }
  const [word] = leading
  const id = word === undefined ? undefined : await commandTable.alias(word)
  const module = id === undefined ? undefined : commandTable.load(id)
  return id !== undefined && module ? { id, length: 1, module } : undefined
}

async function run({ id, length, module }: Found, argv: readonly string[], runtime: Runtime): Promise<number> {
  const command = (await module).default
  if (!isActionCommand(command)) throw new Error(`src/commands/${id.replaceAll(':', '/')}.ts exports no command`)
  command.id = id
  return executeCommand(command, argv.slice(length), lightConfig({ runtime, version: commandTable.version }))
}

const valued = new Set(['--state', '--project', '--context', '--endpoint', '--format', '-f', '--color', '-c', '--column', '--at'])

/** Flags may stand before the command (`nova --json list`): they move behind its words. */
function withGlobalsLast(argv: readonly string[]): string[] {
  if (!argv[0]?.startsWith('-') || ['--help', '-h', '--version', '-V'].includes(argv[0])) return [...argv]
  let count = 0
  while (argv[count]?.startsWith('-') && argv[count] !== '--') count += valued.has(argv[count] ?? '') ? 2 : 1
  const rest = argv.slice(count)
  const end = rest.indexOf('--')
  return end < 0 ? [...rest, ...argv.slice(0, count)] : [...rest.slice(0, end), ...argv.slice(0, count), ...rest.slice(end)]
}

/** The words before `--`. */
function before(argv: readonly string[]): readonly string[] {
  const end = argv.indexOf('--')
  return end < 0 ? argv : argv.slice(0, end)
}

/** Read before anything is parsed, so that a wrong flag is reported in the right form too. */
function wantsJson(argv: readonly string[]): boolean {
  const words = before(argv)
  if (words.includes('--json') || words.includes('--format=json') || words.includes('-fjson') || words.includes('-f=json'))
    return true
  return words.some((word, index) => (word === '-f' || word === '--format') && words[index + 1] === 'json')
}

function colorOf(argv: readonly string[]): ColorChoice {
  const words = before(argv)
  const index = words.findIndex((word) => word === '--color' || word.startsWith('--color='))
  const choice = index < 0 ? undefined : words[index]?.startsWith('--color=') ? words[index]?.slice(8) : words[index + 1]
  return choice === 'always' || choice === 'never' ? choice : 'auto'
}

/** The second Ctrl-C ends the process at once. */
function onInterrupt(handler: () => void): () => void {
  let count = 0
  const listener = () => {
    if (count++ > 0) process.exit(130)
    handler()
  }
  process.on('SIGINT', listener)
  return () => process.off('SIGINT', listener)
}

async function complete(words: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const { completions } = await import('./complete.ts')
  const found = await completions(words, env, commandTable)
  process.stdout.write(found.map((word) => `${word}\n`).join(''))
  return 0
}
