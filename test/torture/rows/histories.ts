/** R13 and R14: what clients of a store saw, judged by checkers that know nothing of the store. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { MemoryStore } from '../../../src/state/memory.ts'
import { systemClock } from '../../../src/system/clock.ts'
import { type Postgres, postgresObstacle, startPostgres } from '../../support/postgres.ts'
import { type Line, lastReader, listClient, registerClient } from '../histories/clients.ts'
import { brokenKeys } from '../histories/linearizable.ts'
import { openPlace } from '../histories/open-place.ts'
import type { ListTransaction, Operation } from '../histories/operation.ts'
import { anomalies } from '../histories/serializable.ts'
import type { Row, Trial } from '../runner/row.ts'

type Workload = 'registers' | 'lists'
const script = fileURLToPath(new URL('../history-process.ts', import.meta.url))
const processes = 4

interface Case {
  readonly store: 'memory' | 'json' | 'postgres'
  /** Calls of each client. */
  readonly count: number
  readonly dies: 'nobody' | 'a process' | 'the server'
}
const nameOf = ({ store, dies }: Case) => `${store}${dies === 'nobody' ? '' : `, ${dies} is killed again and again`}`
const allCases: readonly Case[] = [
  { store: 'memory', count: 60, dies: 'nobody' },
  { store: 'json', count: 50, dies: 'nobody' },
  { store: 'json', count: 120, dies: 'a process' },
  { store: 'postgres', count: 60, dies: 'nobody' },
  { store: 'postgres', count: 150, dies: 'a process' },
  { store: 'postgres', count: 150, dies: 'the server' },
]

/** Clients in this process over one store in memory. */
async function inMemory(workload: Workload, count: number, seed: number): Promise<Line[]> {
  const store = new MemoryStore(systemClock)
  const lines: Line[] = []
  const client = workload === 'lists' ? listClient : registerClient
  const one = (nth: number) => client({ store, name: `c${nth}-`, seed: seed + nth, count, write: (line) => lines.push(line) })
  await Promise.all(Array.from({ length: 2 * processes }, (_, nth) => one(nth)))
  return [...lines, ...(await lastReader(store))]
}

/** As many deaths as there are; after each another process takes the place. */
const mostKills = 4

async function ofProcesses(workload: Workload, place: string, { count, dies }: Case, trial: Trial): Promise<Line[]> {
  const lines: Line[] = []
  let started = 0
  let kills = dies === 'a process' ? mostKills : 0
  const run = async (): Promise<void> => {
    started += 1
    const file = join(scratch, `${started}.jsonl`)
    // Each client leaves two lines a call: it dies in the middle of its work.
    const life = kills > 0 ? 40 + Math.floor(trial.random() * count * 2) : Number.POSITIVE_INFINITY
    kills -= 1
    const numbers = [trial.seed * 1000 + started * 10, count, life].map(String)
    const argv = ['--import', 'tsx', script, workload, place, file, `p${started}-`, ...numbers]
    const env = { ...process.env, NODE_EXTRA_CA_CERTS: '' }
    const child = spawn(process.execPath, argv, { stdio: ['ignore', 'inherit', 'inherit'], env })
    const [code, signal] = await once(child, 'close')
    // The last line of a process that died may be half of one.
    for (const line of readFileSync(file, 'utf8').split('\n').slice(0, -1)) lines.push(JSON.parse(line))
    if (signal === null && code !== 0) throw new Error(`a client ended with ${code}`)
    if (signal === null) return
    trial.fired()
    await run()
  }
  const scratch = mkdtempSync(join(tmpdir(), 'nk-'))
  await Promise.all(Array.from({ length: processes }, run)).finally(() => rmSync(scratch, { recursive: true, force: true }))
  const store = await openPlace(place)
  return [...lines, ...(await lastReader(store).finally(() => store.close()))]
}

/** Kills the server while `work` goes on, and starts it again. */
async function whileDying<T>(postgres: Postgres, work: Promise<T>, trial: Trial): Promise<T> {
  let isOver = false
  const ended = work.finally(() => {
    isOver = true
  })
  await Promise.race([ended, sleep(3000)])
  for (let kills = 0; kills < 2 && !isOver; kills += 1) {
    await postgres.kill9()
    trial.fired()
    await postgres.start()
    await Promise.race([ended, sleep(1000 + trial.random() * 1000)])
  }
  return ended
}

type Begin = Exclude<Line, { readonly end: unknown }>
type End = Extract<Line, { readonly end: unknown }>

/** Beginnings with their ends, those left out that nobody knows. */
function paired(lines: readonly Line[]): { readonly begin: Begin; readonly end: End | undefined }[] {
  const ends = new Map(lines.flatMap((line) => ('end' in line && line.end !== 'unknown' ? [[line.id, line] as const] : [])))
  return lines.flatMap((begin) => ('end' in begin ? [] : [{ begin, end: ends.get(begin.id) }]))
}

const endOf = (end: End | undefined) => end?.at ?? Number.POSITIVE_INFINITY

const operationsOf = (lines: readonly Line[]): Operation[] =>
  paired(lines).flatMap(({ begin, end }): Operation[] => {
    if (!('call' in begin)) return []
    const outcome = end === undefined || end.end === 'unknown' ? undefined : end.end
    return [{ key: begin.key, call: begin.call, began: begin.at, ended: endOf(end), outcome }]
  })

const transactionsOf = (lines: readonly Line[]): ListTransaction[] =>
  paired(lines).flatMap(({ begin, end }): ListTransaction[] => {
    if (!('steps' in begin)) return []
    const status = end === undefined ? 'unknown' : end.end === 'refused' ? 'refused' : 'done'
    return [{ id: begin.id, steps: end?.steps ?? begin.steps, began: begin.at, ended: endOf(end), status }]
  })

/** How long a call whose process died may have been under way. */
const longestMs = 2000

/**
 * Files are read without a lock: another process sees what is written, its own writer's readers what is on the disk. A read may
 * therefore be as old as the beginning of a write that is under way when it begins, and no older.
 */
function asOfFiles<T extends { readonly began: number; readonly ended: number }>(
  all: readonly T[],
  isRead: (one: T) => boolean,
): T[] {
  const writes = all.filter((one) => !isRead(one))
  return all.map((one) => {
    if (!isRead(one)) return one
    const under = writes.filter(({ began, ended }) => began < one.began && Math.min(ended, began + longestMs) >= one.began)
    return { ...one, began: Math.min(one.began, ...under.map(({ began }) => began)) }
  })
}

function judge(workload: Workload, store: Case['store'], lines: readonly Line[], trial: Trial): void {
  trial.checked(paired(lines).filter(({ end }) => end !== undefined).length)
  const isOfFiles = store === 'json'
  if (workload === 'registers') {
    const all = operationsOf(lines)
    const judged = isOfFiles ? asOfFiles(all, ({ call }) => call.kind === 'read') : all
    trial.judge(
      ['CAS', 'ACK'],
      brokenKeys(judged).map((key) => `CAS no order explains what was seen of ${key.slice(0, 2000)}`),
    )
    return
  }
  const all = transactionsOf(lines)
  const judged = isOfFiles ? asOfFiles(all, ({ steps }) => steps.every(({ kind }) => kind === 'read')) : all
  trial.judge(
    ['REV', 'ACK', 'CAS'],
    anomalies(judged).map((found) => `REV ${found.slice(0, 500)}`),
  )
}

function historyRow(id: string, workload: Workload, title: string): Row {
  return {
    id,
    title,
    runs: { t1: 3, t2: 60, t3: 600 },
    floor: { fired: 0, checked: 200 },
    async open() {
      const cases = new Map(
        allCases.filter(({ store }) => store !== 'postgres' || postgresObstacle() === undefined).map((one) => [nameOf(one), one]),
      )
      let server: Postgres | undefined
      let schemas = 0
      return {
        cases: [...cases.keys()],
        async run(name, trial) {
          const one = cases.get(name)
          if (!one) throw new Error(`no case ${name}`)
          if (one.store === 'memory') return judge(workload, one.store, await inMemory(workload, one.count, trial.seed), trial)
          if (one.store === 'json') {
            const directory = mkdtempSync(join(tmpdir(), 'nk-'))
            const lines = await ofProcesses(workload, directory, one, trial).finally(() =>
              rmSync(directory, { recursive: true, force: true }),
            )
            return judge(workload, one.store, lines, trial)
          }
          server ??= await startPostgres({ fsync: one.dies === 'the server' })
          schemas += 1
          const work = ofProcesses(workload, server.url(`history_${schemas}`), one, trial)
          judge(workload, one.store, await (one.dies === 'the server' ? whileDying(server, work, trial) : work), trial)
        },
        close: async () => server?.close(),
      }
    },
  }
}

export const linearizability = historyRow(
  'R13',
  'registers',
  'clients read, swap, insert and remove records: one order explains all they saw',
)
export const isolation = historyRow('R14', 'lists', 'transactions append to lists and read them: no anomaly of isolation')
