/** R10: the wall clock of a daemon jumps while it works, and commands whose clocks differ work on the same records. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type HttpsDaemon, httpsDaemon } from '../../support/https-daemon.ts'
import { type MovedClock, movedClock } from '../../support/moved-clock.ts'
import { type TortureState, tortureState } from '../../support/torture-state.ts'
import { crowd, crowdFindings } from '../crowd.ts'
import type { Row, Trial } from '../runner/row.ts'

const [second, hour, day] = [1000, 3_600_000, 86_400_000]
/** Where 32-bit times end. */
const end32 = () => Date.UTC(2038, 0, 19, 3, 14, 8) - Date.now()

/** How far the clock is ahead, one after the other, while boots go on. */
const jumps: ReadonlyMap<string, () => readonly number[]> = new Map([
  ['1 s ahead and back', () => [second, 0]],
  ['1 h ahead', () => [hour]],
  ['1 h back', () => [-hour]],
  ['10 days ahead', () => [10 * day]],
  ['10 days back', () => [-10 * day]],
  ['10 days ahead and back', () => [10 * day, 0]],
  ['into 2038', () => [end32()]],
  ['into 2038 and back', () => [end32(), 0]],
  ['to and fro, again and again', () => [hour, -hour, 12 * hour, -12 * hour, 10 * day, -10 * day, 0]],
])
const zones = ['America/St_Johns', 'Australia/Lord_Howe']
const crowdCase = 'commands whose clocks differ by up to 10 minutes, and drift'

/** Each interval in seconds is the shortest that there is: a storm would be seen. */
const intervals = { periodicFuzzyDelay: 1, syncPowerStateInterval: 2, instanceDeleteInterval: 2, shelvedPollInterval: 2 }
const tasksOf = 3
const boots = 12

/** What the door says to a token now: undefined when it lets it in. */
async function refusal(door: HttpsDaemon, token: string): Promise<string | undefined> {
  const client = door.client(token)
  try {
    await client.call('server.list', {})
    return undefined
  } catch (error) {
    return String(error)
  } finally {
    client.close()
  }
}

/** Revisions whose time is before that of an earlier one. */
function runsBackwards(state: string): string[] {
  const times = readFileSync(join(state, 'journal.0.jsonl'), 'utf8').match(/"at":"[^"]+"/g) ?? []
  return times.flatMap((at, index) =>
    index > 0 && at < (times[index - 1] ?? '') ? [`REV ${at} is after ${times[index - 1]}`] : [],
  )
}

async function jumping(name: string, zone: string | undefined, trial: Trial): Promise<void> {
  const scratch = mkdtempSync(join(tmpdir(), 'nk-'))
  const clock = movedClock(join(scratch, 'clock'))
  const door = await httpsDaemon(intervals, { ...clock.env, ...(zone === undefined ? {} : { TZ: zone }) })
  const began = performance.now()
  try {
    const { world } = door
    world.misbehave([{ call: 'spawn', mode: 'slow', ms: 250 }])
    const findings = await during(door, clock, jumps.get(name)?.() ?? [], trial)
    findings.push(...(await calm(world, (performance.now() - began) / 1000)))
    const audit = await world.run('audit verify')
    if (audit.code !== 0) findings.push(`REV the audit log: ${audit.stdout}${audit.stderr}`)
    trial.judge(
      ['LIVE', 'FLOW', 'RES', 'HOST', 'REV', 'SEC', 'SAFE'],
      [...findings, ...runsBackwards(world.state), ...(await world.recordFindings())],
    )
  } finally {
    await door.close()
    rmSync(scratch, { recursive: true, force: true })
  }
}

/** Boots, and jumps between them; tokens are asked after each jump. */
async function during(door: HttpsDaemon, clock: MovedClock, offsets: readonly number[], trial: Trial): Promise<string[]> {
  const [short, long] = [await door.token('short'), await door.token('long', { days: 3650 })]
  const socket = await door.daemon.client()
  const findings: string[] = []
  const ends: Promise<unknown>[] = []
  const placeOf = (nth: number) => Math.round(((nth + 1) * boots) / (offsets.length + 1))
  let latest = Date.now()
  for (let index = 0; index < boots; index += 1) {
    const input = { name: `s-${index}`, flavor: 'm1.tiny', nic: 'none', configDrive: false }
    const booted = socket.call('server.create', input)
    ends.push(booted.catch((error: unknown) => findings.push(`LIVE boot ${index}: ${String(error)}`)))
    await sleep(60)
    const offset = offsets.find((_, nth) => placeOf(nth) === index)
    if (offset === undefined) continue
    clock.set(offset)
    trial.fired()
    latest = Math.max(latest, clock.now())
    // The daemon looks at its clock when it is asked.
    const [old, young] = [await refusal(door, short), await refusal(door, long)]
    trial.checked(2)
    const [isOver, isAllOver] = [latest > Date.now() + day, latest > Date.now() + 3650 * day]
    if (isOver !== (old !== undefined)) findings.push(`SEC a token of one day, ${offset} ms ahead: ${old ?? 'let in'}`)
    if (isAllOver !== (young !== undefined)) findings.push(`SEC a token of ten years, ${offset} ms ahead: ${young ?? 'let in'}`)
  }
  await Promise.all(ends)
  socket.close()
  trial.checked(boots)
  return findings
}

/** All servers are there, and no periodic task ran oftener than its interval allows. */
async function calm(world: TortureState, elapsed: number): Promise<string[]> {
  const servers = await world.liveServers()
  const dead = servers.filter(({ vmState }) => vmState !== 'active')
  const tasks = await world.read((reader) => reader.list('periodicTasks'))
  const own = tasks.filter(({ id }) => ['sync_power_states', 'run_pending_deletes', 'poll_shelved_instances'].includes(id))
  const most = elapsed / 1.8 + 3
  return [
    ...(servers.length === boots ? [] : [`ACK ${servers.length} of ${boots} servers are there`]),
    ...dead.map(({ name, vmState }) => `LIVE ${name} is ${vmState}`),
    ...(own.length > tasksOf ? [`SAFE ${own.length} tasks`] : []),
    ...own.filter(({ runs }) => runs > most).map(({ id, runs }) => `SAFE ${id} ran ${runs} times in ${Math.round(elapsed)} s`),
  ]
}

/** Every command has a clock of its own, some of which are set while it runs. */
async function differing(trial: Trial): Promise<void> {
  const scratch = mkdtempSync(join(tmpdir(), 'nk-'))
  const world = await tortureState()
  let count = 0
  const skewed: TortureState = {
    ...world,
    start: (args, options = {}) => {
      count += 1
      const clock = movedClock(join(scratch, String(count)), Math.round((trial.random() - 0.5) * 600 * second))
      if (count % 3 === 0) setTimeout(() => clock.set(Math.round((trial.random() - 0.5) * 600 * second)), 200).unref()
      trial.fired()
      return world.start(args, { ...options, env: clock.env })
    },
  }
  try {
    const result = await crowd(skewed, { clients: 16, atOnce: 8 })
    trial.checked(result.acknowledged)
    trial.judge(
      ['ACK', 'CAS', 'REV', 'RES', 'FLOW', 'HOST', 'ONE'],
      [...(await crowdFindings(world, result)), ...runsBackwards(world.state), ...result.failures.map((line) => `SAFE ${line}`)],
    )
  } finally {
    world.cleanup()
    rmSync(scratch, { recursive: true, force: true })
  }
}

export const clockJumps: Row = {
  id: 'R10',
  title: 'the wall clock jumps under a daemon at work, and differs between processes',
  runs: { t1: 2, t2: 'every', t3: 300 },
  floor: { fired: 1, checked: 10 },
  open: async () => ({
    cases: [...jumps.keys(), ...zones.map((zone) => `10 days ahead and back, in ${zone}`), crowdCase],
    async run(name, trial) {
      if (name === crowdCase) return differing(trial)
      const zone = zones.find((each) => name.endsWith(each))
      return jumping(zone === undefined ? name : '10 days ahead and back', zone, trial)
    },
    close: async () => undefined,
  }),
}
