/**
 * `npm run torture -- --row R5 [--runs N] [--seed S] [--case TEXT]`, or `--tier 1|2|3 [--share 0.25]` for all rows.
 * Prints one JSON line a row; failures go to stderr with the command that repeats them, and to a file for `--replay`.
 * `--report FILE` makes the table of the reliability page from such lines instead.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { writeReport } from './report.ts'
import type { Row } from './row.ts'
import { loadRow, rowIds } from './rows.ts'
import { type Failure, runRow } from './run-row.ts'
import { commit, partOf, versions } from './surroundings.ts'

const { values } = parseArgs({
  options: {
    row: { type: 'string', multiple: true },
    runs: { type: 'string' },
    seed: { type: 'string' },
    case: { type: 'string' },
    tier: { type: 'string' },
    share: { type: 'string', default: '1' },
    replay: { type: 'string' },
    report: { type: 'string' },
  },
})

const folder = '.cache/torture'

function keep(failure: Failure): void {
  mkdirSync(folder, { recursive: true })
  const file = `${folder}/${failure.row}-${failure.seed}.json`
  writeFileSync(file, `${JSON.stringify(failure, null, 2)}\n`)
  process.stderr.write(`${failure.row} failed with seed ${failure.seed} (${failure.case}):\n`)
  for (const finding of failure.findings) process.stderr.write(`  ${finding}\n`)
  process.stderr.write(`  again: npm run torture -- --replay ${file}\n`)
}

function runsOf(row: Row): number | 'every' {
  if (values.runs !== undefined) return Number(values.runs)
  const tier = values.tier === '1' ? row.runs.t1 : values.tier === '3' ? row.runs.t3 : row.runs.t2
  return tier === 'every' ? tier : Math.max(1, Math.ceil(tier * Number(values.share)))
}

/** Commits choose their parts: as many of them as there are parts cover all. */
const seedOf = (runs: number | 'every'): number =>
  values.seed === undefined ? 1 + (runs === 'every' ? 0 : partOf(commit(), Number(values.share)) * runs) : Number(values.seed)

const onRun = (index: number, count: number, name: string) => {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${index + 1}/${count} ${name}`)
}

/** Interrupted, it sums up what it has; interrupted again, it dies. */
let isOver = false
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => {
    isOver = true
  })

async function main(): Promise<number> {
  if (values.report !== undefined) return writeReport(values.report, await Promise.all(rowIds.map(loadRow)))
  const again = values.replay === undefined ? undefined : (JSON.parse(readFileSync(values.replay, 'utf8')) as Failure)
  const ids = again ? [again.row] : (values.row ?? (values.tier === undefined ? [] : rowIds))
  if (ids.length === 0) throw new Error(`say which: --row ID or --tier 1|2|3; rows: ${rowIds.join(', ')}`)
  let bad = 0
  for (const id of ids) {
    if (isOver) break
    const row = await loadRow(id)
    const runs = runsOf(row)
    const batch = again ? { runs: 1, seed: again.seed, only: again.case } : { runs, seed: seedOf(runs), only: values.case }
    const verdict = await runRow(row, { ...batch, onFailure: keep, onRun, isOver: () => isOver })
    process.stdout.write(`${JSON.stringify({ ...verdict, commit: commit(), versions: versions() })}\n`)
    if (verdict.failures > 0 || verdict.void !== null) bad += 1
  }
  return bad === 0 ? 0 : 1
}

process.exitCode = await main().catch((error: unknown) => {
  process.stderr.write(`error: ${error instanceof Error ? error.message : String(error)}\n`)
  return 2
})
