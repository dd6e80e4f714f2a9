/** `npm run bench [-- NAME …]`: measures the product against something in the same run; prints a table and writes JSON. */
import { writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { benchArchive } from './archive.ts'
import { benchBoot } from './boot.ts'
import { benchBoots } from './boots.ts'
import { bundled } from './bundled.ts'
import { benchDaemon } from './daemon.ts'
import { benchDistributed } from './distributed.ts'
import { benchFleet } from './fleet.ts'
import { benchPostgres } from './postgres.ts'
import type { Row } from './row.ts'
import { benchScheduler } from './scheduler.ts'
import { benchStartup } from './startup.ts'
import { benchState } from './state.ts'

const suites = new Map<string, () => Promise<Row[]>>([
  ['startup', benchStartup],
  ['state', benchState],
  ['postgres', benchPostgres],
  ['scheduler', benchScheduler],
  ['boots', benchBoots],
  ['archive', benchArchive],
  ['daemon', benchDaemon],
  ['distributed', benchDistributed],
  ['boot', benchBoot],
  ['libvirt-live', () => bundled('libvirt-live.ts', 'benchLibvirtLive')],
  ['live', () => bundled('live.ts', 'benchLive')],
  ['fleet', benchFleet],
])

const asked = process.argv.slice(2)
const unknown = asked.filter((name) => !suites.has(name))
if (unknown.length > 0) {
  console.error(`error: no benchmark ${unknown.join(', ')}; there are: ${[...suites.keys()].join(', ')}`)
  process.exit(2)
}

const rows: Row[] = []
for (const [name, bench] of suites) {
  if (asked.length > 0 && !asked.includes(name)) continue
  console.error(`measuring ${name}`)
  rows.push(...(await bench()))
}
print(rows)
const file = path.resolve(import.meta.dirname, '../../bench-results.json')
const machine = { cpus: os.cpus().length, model: os.cpus()[0]?.model, node: process.version, load: os.loadavg() }
writeFileSync(file, `${JSON.stringify({ machine, rows }, null, 2)}\n`)
console.error(`written to ${path.relative(process.cwd(), file)}`)

/** One line a row; numbers to three figures, so that noise does not look like precision. */
function print(all: readonly Row[]): void {
  const cells = all.map((row) => [
    row.work,
    `${figure(row.value)} ${row.unit}`,
    row.comparison === null ? '-' : `${row.comparedWith}: ${figure(row.comparison)}`,
    row.ratio === null ? '-' : `${figure(row.ratio)}×`,
    row.budget,
    row.met ? 'met' : 'MISSED',
  ])
  const table = [['work', 'figure', 'compared with', 'ratio', 'budget', ''], ...cells]
  const widths = table[0]?.map((_, column) => Math.max(...table.map((line) => line[column]?.length ?? 0))) ?? []
  for (const line of table)
    console.log(
      line
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
}

function figure(value: number): string {
  return Number(value.toPrecision(3)).toLocaleString('en')
}
