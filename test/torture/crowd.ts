/** Many CLI processes at once on one state directory: each client boots, changes and deletes a server of its own. */
import type { CliResult, RunningCli } from '../support/cli.ts'
import type { Acknowledged } from '../support/oracles.ts'
import type { TortureState } from '../support/torture-state.ts'

export interface CrowdResult {
  readonly told: Acknowledged
  /** What the records must say of each server that every command about was acknowledged. */
  readonly expected: ReadonlyMap<string, Expected>
  /** Exit code of every command that ended by itself, with its command line and stderr. */
  readonly failures: readonly string[]
  readonly acknowledged: number
  readonly killed: number
}

export interface Expected {
  readonly name: string
  readonly vmState: string
  readonly role: string | undefined
}

export interface Crowd {
  readonly clients: number
  /** How many processes run at the same time. */
  readonly atOnce: number
}

interface Tally {
  readonly booted: string[]
  readonly deleted: string[]
  readonly expected: Map<string, Expected>
  readonly failures: string[]
  acknowledged: number
  killed: number
}

/** Runs every client to its end; `onStart` hears of each process. */
export async function crowd(
  world: TortureState,
  { clients, atOnce }: Crowd,
  onStart: (running: RunningCli) => void = () => undefined,
): Promise<CrowdResult> {
  const tally: Tally = { booted: [], deleted: [], expected: new Map(), failures: [], acknowledged: 0, killed: 0 }
  const run = async (args: string): Promise<CliResult | undefined> => {
    const running = await world.start(args)
    onStart(running)
    const result = await running.ended
    if (result.signal === 'SIGKILL') tally.killed += 1
    else if (result.code === 0) tally.acknowledged += 1
    else
      tally.failures.push(`${result.code}: nova ${args}: ${result.stderr.split('\n').find((line) => line.startsWith('error'))}`)
    return result.code === 0 ? result : undefined
  }
  const waiting = Array.from({ length: clients }, (_, index) => index)
  const worker = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await client(next, run, tally)
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
  return { ...tally, told: tally }
}

type Run = (args: string) => Promise<CliResult | undefined>

/** One client's life. A command of unknown outcome ends it: what the records then say is nobody's promise. */
async function client(index: number, run: Run, tally: Tally): Promise<void> {
  const name = `c-${index}`
  const answer = await run(`boot ${name} --flavor m1.tiny --json`)
  if (!answer) return
  const { id } = JSON.parse(answer.stdout) as { id: string }
  tally.booted.push(id)
  for (const args of changesOf(index, id)) if (!(await run(args))) return
  if (index % 3 === 2) {
    if (await run(`delete ${id}`)) tally.deleted.push(id)
    return
  }
  const isRenamed = index % 4 === 0
  const vmState = index % 4 === 2 ? 'stopped' : 'active'
  tally.expected.set(id, { name: isRenamed ? `r-${index}` : name, vmState, role: index % 4 === 1 ? `role-${index}` : undefined })
}

function changesOf(index: number, id: string): string[] {
  const changes = [
    [`rename ${id} r-${index}`],
    [`server set ${id} role=role-${index}`],
    [`stop ${id}`],
    [`stop ${id}`, `start ${id}`],
  ]
  return changes[index % changes.length] ?? []
}

/** What the records say otherwise than was acknowledged, and names that exist twice. */
export async function crowdFindings(world: TortureState, { expected, told }: CrowdResult): Promise<string[]> {
  const servers = await world.read((reader) => reader.list('servers'))
  const byId = new Map(servers.map((server) => [server.id, server]))
  const changed = [...expected].filter(([id, want]) => {
    const server = byId.get(id)
    const role = server?.metadata.find(([key]) => key === 'role')?.[1]
    return server?.name !== want.name || server.vmState !== want.vmState || role !== want.role
  })
  const names = servers.map((server) => server.name)
  const doubled = names.filter((name, index) => names.indexOf(name) !== index)
  return [
    ...(await world.findings(told)),
    ...changed.map(([id, want]) => `ACK lost update: ${id} should be ${JSON.stringify(want)}`),
    ...doubled.map((name) => `ONE ${name} was made twice`),
  ]
}
