/** `nova-manage`, also `nova manage`: Nova's words and flags from one table, run as commands of nova, ended with Nova's exit codes. */
import { asFault, Fault } from '../core/fault.ts'
import { nearest } from '../core/nearest.ts'
import { cloudRows } from './manage-cloud.ts'
import { databaseRows } from './manage-db.ts'
import type { ManageRow } from './manage-row.ts'
import { completionWords, toolRows } from './manage-tools.ts'
import { type Given, givenOf, type ManageFlag } from './manage-words.ts'
import type { Screen } from './screen.ts'

export const manageRows: readonly ManageRow[] = [...databaseRows, ...cloudRows, ...toolRows]

/** What an unexpected failure ends with. */
const unexpected = 255

/** Runs one command line of nova and resolves with its exit code. */
export type RunLine = (line: readonly string[], outcome: Outcome) => Promise<number>

/** How another tool's exit codes follow from what a command put out, or failed with. */
export interface Outcome {
  output(value: unknown): number
  fault(fault: Fault): number
}

/** Runs the words behind `nova-manage` to an exit code; wrong words are a fault. */
export async function manage(argv: readonly string[], screen: Screen, runLine: RunLine): Promise<number> {
  if (argv[0]?.replaceAll('_', '-') === 'bash-completion') {
    screen.out(
      completionWords(manageRows, argv[1])
        .map((word) => `${word}\n`)
        .join(''),
    )
    return 0
  }
  const words = argv[0] === 'help' ? argv.slice(1) : argv
  const wantsHelp = argv[0] === 'help' || argv.includes('--help') || argv.includes('-h') || argv.length === 0
  const found = findRow(words)
  if (!found) return listRows(words, wantsHelp, screen)
  if (wantsHelp) return showRow(found.row, screen)
  const { row, given } = found
  for (const [name, flag] of flagsOf(row))
    if (typeof flag === 'object' && given.flags.has(name)) screen.err(`--${name}: ${flag.ignored}\n`)
  const run = row.run(given)
  if ('say' in run) {
    if (run.code === 0) screen.out(`${run.say}\n`)
    else screen.err(`${run.say}\n`)
    return run.code
  }
  return runAll(run, row, given, runLine)
}

async function runAll(lines: readonly (readonly string[])[], row: ManageRow, given: Given, runLine: RunLine): Promise<number> {
  let code = 0
  for (const [index, line] of lines.entries()) {
    let hasFailed = false
    const ended = await runLine([...line, ...given.rest], {
      output: (value) => row.code?.(value, given) ?? 0,
      fault: ({ kind }) => {
        hasFailed = true
        return row.faults?.[kind] ?? unexpected
      },
    })
    if (index === 0 || hasFailed) code = ended
    if (hasFailed) return code
  }
  return code
}

const flagsOf = (row: ManageRow): ReadonlyMap<string, ManageFlag> => new Map(Object.entries(row.flags ?? {}))

/** The row that leading words name: two words, or one. */
function findRow(argv: readonly string[]): { readonly row: ManageRow; readonly given: Given } | undefined {
  for (const length of [2, 1]) {
    const spelled = argv
      .slice(0, length)
      .map((word) => word.replaceAll('-', '_'))
      .join(' ')
    const row = manageRows.find(({ words }) => words.replaceAll('-', '_') === spelled)
    if (row)
      return {
        row,
        given: givenOf(
          argv.slice(length).filter((word) => !['--help', '-h'].includes(word)),
          flagsOf(row),
          row.words,
        ),
      }
  }
  return undefined
}

/** The commands of a category, or all of them. */
function listRows([category, verb]: readonly string[], wantsHelp: boolean, screen: Screen): number {
  const wanted = category?.startsWith('-') ? undefined : category?.replaceAll('-', '_')
  const rows = manageRows.filter(({ words }) => wanted === undefined || words.split(' ')[0]?.replaceAll('-', '_') === wanted)
  if (rows.length === 0 || (verb !== undefined && !verb.startsWith('-') && !wantsHelp)) throw unknownWords(category, verb)
  const width = Math.max(...rows.map(({ words }) => words.length))
  const lines = rows.map(({ words, summary }) => `  ${words.padEnd(width)}  ${summary}`)
  screen.out(`${['nova-manage COMMAND', '', ...lines, '', 'nova-manage help COMMAND shows its flags'].join('\n')}\n`)
  return 0
}

function unknownWords(category = '', verb = ''): Fault {
  const said = `${category} ${verb}`.trim()
  const spelled = said.replaceAll('-', '_')
  const all = manageRows.map(({ words }) => words)
  const begun = all.filter((words) => verb !== '' && words.startsWith(spelled))
  const near = (begun.length > 0 ? begun : nearest(spelled, all)).slice(0, 3)
  const hint = near.length > 0 ? `did you mean ${near.map((words) => `nova-manage ${words}`).join(', ')}?` : 'nova-manage help'
  return new Fault('invalid', `nova-manage has no command "${said}"`, { hint })
}

function showRow(row: ManageRow, screen: Screen): number {
  const flags = [...flagsOf(row)].map(([name, flag]) => {
    const takes = flag === 'value' || (typeof flag === 'object' && flag.value) ? ' VALUE' : ''
    return `  --${name}${takes}${typeof flag === 'object' ? `  (accepted: ${flag.ignored})` : ''}`
  })
  const usage = `nova-manage ${row.words}${row.args === undefined ? '' : ` ${row.args}`}`
  screen.out(`${[usage, `  ${row.summary}`, ...(flags.length > 0 ? ['', ...flags] : [])].join('\n')}\n`)
  return 0
}

/** The exit code of wrong words. */
export const manageFault = (error: unknown): number => (asFault(error).kind === 'invalid' ? 2 : unexpected)
