/** Runs a batch of a row and sums it up in one line. */
import { readFileSync } from 'node:fs'
import type { Invariant, Row, Scene, Trial } from './row.ts'
import { seeded, shuffled } from './seeded.ts'

export interface Batch {
  /** How many; `every` runs each case once. */
  readonly runs: number | 'every'
  /** The first run's; the others follow. */
  readonly seed: number
  /** Only this case, or those with this text in their name. */
  readonly only?: string | undefined
  /** Hears of each failure as it happens. */
  readonly onFailure?: (failure: Failure) => void
  /** Hears of each run before it begins: some take a minute. */
  readonly onRun?: (index: number, count: number, name: string) => void
  /** True ends the batch before its next run; the verdict is about those that were. */
  readonly isOver?: () => boolean
}

export interface Failure {
  readonly row: string
  readonly seed: number
  readonly case: string
  readonly findings: readonly string[]
}

/** What a batch showed. */
export interface Verdict {
  readonly row: string
  readonly runs: number
  readonly cases: number
  readonly failures: number
  /** Why the batch proves nothing, or null. */
  readonly void: string | null
  readonly firstSeed: number
  readonly lastSeed: number
  readonly faultsFired: number
  readonly opsChecked: number
  /** How often each invariant was judged. */
  readonly invariants: Partial<Record<Invariant, number>>
  /** Places that the row wants and no run was at. */
  readonly marksMissed: readonly string[]
  readonly wallS: number
  readonly cpuS: number
}

interface Tally {
  fired: number
  checked: number
  failures: number
  readonly judged: Map<Invariant, number>
  readonly marks: Set<string>
}

/** User and system time of this process and of all its children that have ended. */
function cpuSeconds(): number {
  const stat = readFileSync('/proc/self/stat', 'utf8')
  // After the name in parentheses: utime, stime, cutime and cstime are the fields 14 to 17, in ticks of 10 ms.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) / 100
}

const seconds = (ms: number) => Math.round(ms / 100) / 10

/** Every batch visits the cases in one order, from the place that its seed says: batches with other seeds reach other cases. */
export async function runRow(row: Row, { runs, seed, only, onFailure, onRun, isOver }: Batch): Promise<Verdict> {
  const began = performance.now()
  const cpu = cpuSeconds()
  const tally: Tally = { fired: 0, checked: 0, failures: 0, judged: new Map(), marks: new Set() }
  const scene = await row.open()
  const cases = chosen(scene.cases, only)
  const wanted = runs === 'every' ? cases.length : runs
  let count = 0
  try {
    if (cases.length === 0) throw new Error(`row ${row.id} has no case ${only}`)
    for (let index = 0; index < wanted && !isOver?.(); index += 1) {
      count += 1
      const name = cases[(seed + index) % cases.length] ?? ''
      onRun?.(index, wanted, name)
      const findings = await oneRun(scene, name, seed + index, tally)
      if (findings.length === 0) continue
      tally.failures += 1
      onFailure?.({ row: row.id, seed: seed + index, case: name, findings })
    }
  } finally {
    await scene.close()
  }
  return {
    row: row.id,
    runs: count,
    cases: cases.length,
    failures: tally.failures,
    void: voidness(row, count, tally),
    firstSeed: seed,
    lastSeed: seed + count - 1,
    faultsFired: tally.fired,
    opsChecked: tally.checked,
    invariants: Object.fromEntries([...tally.judged].sort(([a], [b]) => (a < b ? -1 : 1))),
    marksMissed: (row.marks ?? []).filter((mark) => !tally.marks.has(mark)),
    wallS: seconds(performance.now() - began),
    cpuS: Math.round((cpuSeconds() - cpu) * 10) / 10,
  }
}

/** A name that is one case's is that case alone. */
function chosen(all: readonly string[], only: string | undefined): readonly string[] {
  if (only === undefined) return shuffled(all, 1)
  return all.includes(only) ? [only] : all.filter((name) => name.includes(only))
}

async function oneRun(scene: Scene, name: string, seed: number, tally: Tally): Promise<string[]> {
  const found: string[] = []
  const trial: Trial = {
    seed,
    random: seeded(seed),
    fired: (times = 1) => {
      tally.fired += times
    },
    checked: (operations = 1) => {
      tally.checked += operations
    },
    mark: (place) => void tally.marks.add(place),
    judge: (held, findings) => {
      for (const invariant of held) tally.judged.set(invariant, (tally.judged.get(invariant) ?? 0) + 1)
      found.push(...findings)
    },
  }
  await scene.run(name, trial).catch((error: unknown) => found.push(String(error)))
  return found
}

function voidness({ floor }: Row, runs: number, { fired, checked }: Tally): string | null {
  if (fired < floor.fired * runs) return `${fired} faults in ${runs} runs, at least ${Math.ceil(floor.fired * runs)} are needed`
  if (checked < floor.checked * runs)
    return `${checked} operations checked in ${runs} runs, at least ${Math.ceil(floor.checked * runs)} are needed`
  return null
}
