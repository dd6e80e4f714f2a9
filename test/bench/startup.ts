/** What a cold `nova list` costs in CPU, beside a bare `node -e 0` in turns, with and without the code cache. */
import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { ensureBuilt } from '../../scripts/build.mjs'
import { fillServers } from './many-servers.ts'
import type { Row } from './row.ts'

const root = path.resolve(import.meta.dirname, '../..')
const sizes = [0, 1_000, 10_000]

/** Medians of user+sys milliseconds over `pairs` interleaved pairs. */
export async function benchStartup(pairs = 25): Promise<Row[]> {
  await ensureBuilt()
  const home = mkdtempSync(path.join(os.tmpdir(), 'nk-'))
  try {
    for (const size of sizes) await fillServers(path.join(home, String(size)), size, { compact: false })
    const uncached = copyWithoutCache(home)
    return [
      ...sizes.map((size) => compare(`cold nova list, ${size} servers`, command(root, home, size), pairs, 3)),
      ...sizes
        .slice(1)
        .map((size) =>
          compare(`cold nova list --limit 20, ${size} servers`, command(root, home, size, 'list', '--limit', '20'), pairs, 3),
        ),
      compare('cold nova list, 1000 servers, no code cache', command(uncached, home, 1_000), pairs, 4),
      compare('completion of a server name, 1000 servers', command(root, home, 1_000, 'complete', 'show', 'web-9'), pairs),
    ]
  } finally {
    rmSync(home, { recursive: true, force: true })
  }
}

interface Command {
  readonly argv: readonly string[]
  readonly env: NodeJS.ProcessEnv
}

const command = (at: string, home: string, size: number, ...words: string[]): Command => ({
  argv: [process.execPath, path.join(at, 'bin', 'run.js'), ...(words.length > 0 ? words : ['list'])],
  env: { HOME: home, USER: 'bench', NOVA_STATE: path.join(home, String(size)) },
})
const bare: Command = { argv: [process.execPath, '-e', '0'], env: { HOME: '/' } }

/** The same release in a directory that never got a cache. */
function copyWithoutCache(home: string): string {
  const copy = path.join(home, 'uncached')
  for (const folder of ['bin', 'dist']) cpSync(path.join(root, folder), path.join(copy, folder), { recursive: true })
  symlinkSync(path.join(root, 'package.json'), path.join(copy, 'package.json'))
  for (const file of readdirSync(path.join(copy, 'dist'))) if (file.endsWith('.cache')) rmSync(path.join(copy, 'dist', file))
  return copy
}

function compare(work: string, measured: Command, pairs: number, budget?: number): Row {
  const values: number[] = []
  const comparisons: number[] = []
  for (let turn = 0; turn < pairs + 2; turn++) {
    const [value, comparison] = [cpuOf(measured), cpuOf(bare)]
    // The first turns warm the file cache.
    if (turn < 2) continue
    values.push(value)
    comparisons.push(comparison)
  }
  const [value, comparison] = [median(values), median(comparisons)]
  const ratio = value / comparison
  const judged = budget === undefined ? { budget: '', met: true } : { budget: `≤ ${budget}×`, met: ratio <= budget }
  return {
    work,
    value,
    unit: 'ms CPU p50',
    comparedWith: 'node -e 0',
    comparison,
    ratio,
    ...judged,
  }
}

/** User and system milliseconds of one run, as bash's `times` counts its children. */
function cpuOf({ argv, env }: Command): number {
  const script = '"$@" >/dev/null 2>&1 || exit 1; times'
  const printed = execFileSync('bash', ['-c', script, 'bash', ...argv], {
    env: { ...env, PATH: process.env.PATH, LC_ALL: 'C' },
    encoding: 'utf8',
  })
  const children = printed.trim().split('\n').at(-1) ?? ''
  return [...children.matchAll(/(\d+)m([\d.]+)s/g)].reduce(
    (sum, [, minutes, seconds]) => sum + (Number(minutes) * 60 + Number(seconds)) * 1000,
    0,
  )
}

const median = (values: readonly number[]) => [...values].sort((left, right) => left - right)[values.length >> 1] ?? 0

if (process.argv[1] === import.meta.filename) {
  if (spawnSync('bash', ['-c', 'exit 0']).status !== 0) throw new Error('the benchmark needs bash')
  for (const row of await benchStartup()) process.stdout.write(`${JSON.stringify(row)}\n`)
}
