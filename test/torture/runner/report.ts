/** The table of docs/reference/reliability.md from the lines that the runner printed. */
import { readFileSync, writeFileSync } from 'node:fs'
import type { Row } from './row.ts'
import type { Verdict } from './run-row.ts'

const page = 'docs/reference/reliability.md'
const [start, end] = ['<!-- figures: npm run torture -- --report -->', '<!-- end of figures -->']

type Line = Verdict & { readonly commit: string; readonly versions: Readonly<Record<string, string>> }

/** Puts the figures into the page; resolves with the exit code. */
export function writeReport(file: string, rows: readonly Row[]): number {
  const lines = readFileSync(file, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Line)
    .sort((one, other) => numberOf(one) - numberOf(other))
  const text = readFileSync(page, 'utf8')
  const [before, after] = [text.indexOf(start) + start.length, text.indexOf(end)]
  if (before < start.length || after < before) throw new Error(`${page} has no place for figures: ${start} … ${end}`)
  writeFileSync(page, `${text.slice(0, before)}\n\n${tableOf(lines, rows)}\n\n${text.slice(after)}`)
  return 0
}

const numberOf = ({ row }: Line) => Number.parseInt(row.slice(1), 10)

/** Zero of N failed means a rate below 3/N with 95 % confidence; of three runs and fewer it says nothing. */
const bound = ({ runs, failures }: Line) => (failures > 0 || runs <= 3 ? '' : `< ${((3 / runs) * 100).toPrecision(2)} %`)

function tableOf(lines: readonly Line[], rows: readonly Row[]): string {
  const titleOf = (id: string) => rows.find((row) => row.id === id)?.title ?? ''
  const cells = lines.map((line) => [
    line.row,
    titleOf(line.row),
    `${line.runs}`,
    `${line.cases}`,
    `${line.faultsFired}`,
    `${line.failures}${line.void === null ? '' : ', void'}`,
    bound(line),
    Object.keys(line.invariants).join(' '),
    `${Math.round(line.wallS)} s`,
    `${line.firstSeed}–${line.lastSeed}`,
    line.commit,
  ])
  const head = ['row', 'what', 'runs', 'cases', 'faults', 'failed', 'rate', 'judged', 'took', 'seeds', 'commit']
  return [head, head.map(() => '---'), ...cells].map((row) => `| ${row.join(' | ')} |`).join('\n')
}
