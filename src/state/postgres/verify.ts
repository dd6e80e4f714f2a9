/** Checks what the tables of a database say of each other. Changes nothing. */
import type { JournalProblem, JournalReport } from '../journal-report.ts'
import type { Connections } from './connections.ts'
import { startOf, startQuery } from './history.ts'

/** Runs of revisions without a gap, and the newest that there is said to be. */
const runs = `SELECT min(revision) AS first, max(revision) AS last FROM (
  SELECT revision, revision - row_number() OVER (ORDER BY revision) AS run FROM revisions) r GROUP BY run ORDER BY 1`

/** What must be none behind the start of history ($1), each with how it is told. */
const wrong: readonly (readonly [table: string, query: string, what: string])[] = [
  [
    'versions',
    'SELECT count(*) AS n FROM versions WHERE revision > $1 AND revision NOT IN (SELECT revision FROM revisions)',
    'of a revision that is missing',
  ],
  [
    'versions',
    `SELECT count(*) AS n FROM versions v WHERE until > $1 AND record IS NOT NULL AND NOT EXISTS (
       SELECT 1 FROM versions n WHERE n.tbl = v.tbl AND n.id = v.id AND n.revision = v.until)`,
    'that ended without a successor',
  ],
  ['versions', 'SELECT count(*) AS n FROM versions WHERE until IS NULL AND record IS NULL', 'in force without a record'],
]

export async function verifyDatabase(connections: Connections): Promise<JournalReport> {
  return connections.snapshot(async (client) => {
    const problems: JournalProblem[] = []
    const problem = (table: string, message: string) => {
      const file = `${connections.address.place} (table ${table})`
      problems.push({ file, message: `${file} ${message}` })
    }
    const [heads, found] = [await client.query('SELECT revision FROM head WHERE one'), await client.query(runs)]
    const start = startOf((await client.query(startQuery)).rows)
    const newest = Number(heads.rows[0]?.revision ?? 0)
    const survives = found.rows.map(({ first, last }) => [Number(first), Number(last)] as const)
    if (survives.length > 1) problem('revisions', `lacks what is between its ${survives.length} runs`)
    if (start && (survives[0]?.[0] ?? 0) > start.revision + 1)
      problem('revisions', `lacks what follows revision ${start.revision}, where history begins`)
    const last = survives.at(-1)?.[1] ?? start?.revision ?? 0
    if (last !== newest) problem('head', `says revision ${newest}, the newest is ${last}`)
    for (const [table, query, what] of wrong) {
      const { rows } = await client.query(query, query.includes('$1') ? [start?.revision ?? 0] : [])
      const count = Number(rows[0]?.n)
      if (count > 0) problem(table, `has ${count} versions ${what}`)
    }
    return { problems, survives, snapshotRevision: newest, tornBytes: 0, segments: 0, start }
  })
}
