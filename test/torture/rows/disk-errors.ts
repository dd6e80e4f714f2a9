/** R7, R8 and R9: a disk that is full, writes half, fails to flush or is slow, and a process without descriptors. */
import { rmSync, statfsSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { CliResult } from '../../support/cli.ts'
import { smallDisk } from '../../support/small-disk.ts'
import { oneThread as env, injecting, pointsOf } from '../../support/system-calls.ts'
import { type TortureState, tortureState } from '../../support/torture-state.ts'
import type { Row, Scene, Trial } from '../runner/row.ts'

const held = ['ACK', 'REV', 'FLOW', 'RES', 'HOST', 'SEC', 'SAFE'] as const
/** Servers that stay behind make the directory slow. */
const mostServers = 5

/** Makes a boot go wrong; says what its error must look like, or undefined when it must go well all the same. */
type Experiment = (world: TortureState, boot: string) => Promise<{ readonly result: CliResult; readonly reason?: RegExp }>

const journalOf = (world: TortureState) => join(world.state, 'journal.0.jsonl')

const injected =
  (call: string, nth: number, what: string, reason: RegExp | undefined, forever = false): Experiment =>
  async (world, boot) => {
    const under = injecting({ call, nth }, what, { forever, onlyOn: journalOf(world) })
    const result = await world.run(boot, { under, env })
    return reason === undefined ? { result } : { result, reason }
  }

/** The write ends in the middle: the file may grow by so many bytes. */
const cutShort =
  (bytes: number): Experiment =>
  async (world, boot) => {
    const under = ['prlimit', `--fsize=${statSync(journalOf(world)).size + bytes}`]
    return { result: await world.run(boot, { under }), reason: /journal\.0\.jsonl cannot be written: EFBIG/ }
  }

/** Nothing fits any more. */
const filled: Experiment = async (world, boot) => {
  const filler = join(world.state, 'filler')
  const { bavail, bsize } = statfsSync(world.state)
  writeFileSync(filler, Buffer.alloc(bavail * bsize))
  try {
    return { result: await world.run(boot), reason: /journal\.0\.jsonl: no space left on device \(\d+ bytes needed\)/ }
  } finally {
    rmSync(filler)
  }
}

const numbers = (count: number) => Array.from({ length: count }, (_, index) => index + 1)

function fullDisk(writes: number): Map<string, Experiment> {
  const errors = [
    ['ENOSPC', /no space left on device/],
    ['EDQUOT', /disk quota exceeded/],
  ] as const
  const cases = new Map<string, Experiment>([['a full disk', filled]])
  for (const [errno, reason] of errors)
    for (const nth of numbers(writes)) cases.set(`${errno} at write ${nth}`, injected('write', nth, `error=${errno}`, reason))
  for (const bytes of [3, 100, 1000, 2500, 5000]) cases.set(`${bytes} bytes of a write`, cutShort(bytes))
  return cases
}

function failedFlush(_: number, flushes: number): Map<string, Experiment> {
  const reason = /may not be on the disk: fsync failed with EIO/
  const cases = new Map<string, Experiment>()
  for (const nth of numbers(flushes))
    for (const forever of [false, true])
      cases.set(`EIO at fdatasync ${nth}${forever ? ' and later' : ''}`, injected('fdatasync', nth, 'error=EIO', reason, forever))
  return cases
}

function scarce(): Map<string, Experiment> {
  const cases = new Map<string, Experiment>()
  for (const ms of [50, 150, 300])
    cases.set(`every fdatasync takes ${ms} ms`, injected('fdatasync', 1, `delay_enter=${ms * 1000}`, undefined, true))
  for (const errno of ['EMFILE', 'ENFILE'])
    for (const nth of [1, 2]) cases.set(`${errno} at open ${nth}`, injected('openat', nth, `error=${errno}`, new RegExp(errno)))
  return cases
}

/** One line says what is wrong, and the exit code its kind; no stack. */
function sayings({ code, signal, stderr }: CliResult, reason: RegExp | undefined): string[] {
  const errors = stderr.split('\n').filter((line) => line.startsWith('error:'))
  if (/^\s+at /m.test(stderr)) return [`SAFE a stack: ${stderr}`]
  if (reason === undefined) return code === 0 ? [] : [`SAFE ended with ${code ?? signal}: ${stderr}`]
  if (code === 0) return ['ACK a boot was acknowledged']
  return errors.length === 1 && reason.test(errors[0] ?? '')
    ? []
    : [`SAFE ended with ${code ?? signal} and ${errors.join(' | ')}`]
}

async function scene(experimentsOf: (writes: number, flushes: number) => Map<string, Experiment>): Promise<Scene> {
  const disk = smallDisk()
  const world = await tortureState({ directory: disk.mount('8m') })
  let serial = 0
  const newBoot = () => `boot f-${++serial} --flavor m1.tiny`
  const countOf = async (call: string) => {
    const points = await pointsOf(world.state, (under) => world.run(newBoot(), { under, env }), call)
    return points.filter(({ path }) => path === journalOf(world)).length
  }
  const experiments = experimentsOf(await countOf('write'), await countOf('fdatasync'))
  return {
    cases: [...experiments.keys()],
    async run(name, trial) {
      const { result, reason } = (await experiments.get(name)?.(world, newBoot())) ?? {}
      if (!result) throw new Error(`no case ${name}`)
      trial.fired()
      trial.judge(['SAFE'], sayings(result, reason))
      await judge(world, newBoot(), trial)
    },
    close: async () => disk.unmount(),
  }
}

/** Reads go on, and the next command works without a repair. */
async function judge(world: TortureState, boot: string, trial: Trial): Promise<void> {
  for (const line of ['list --json', boot]) {
    const { code, stderr } = await world.run(line, { timeoutMs: 60_000 })
    if (code !== 0) trial.judge(['SAFE'], [`SAFE nova ${line} afterwards ended with ${code}: ${stderr}`])
  }
  trial.checked()
  trial.judge(held, await world.findings())
  const servers = await world.liveServers()
  if (servers.length >= mostServers) await world.run(`delete ${servers.map(({ id }) => id).join(' ')} --yes`)
}

const floor = { fired: 1, checked: 1 }

export const diskFull: Row = {
  id: 'R7',
  title: 'a full disk, an exceeded quota, and writes that end half-way',
  runs: { t1: 4, t2: 'every', t3: 'every' },
  floor,
  open: () => scene(fullDisk),
}

export const flushFails: Row = {
  id: 'R8',
  title: 'a failed fsync, once and for ever',
  runs: { t1: 4, t2: 'every', t3: 'every' },
  floor,
  open: () => scene(failedFlush),
}

export const scarcity: Row = {
  id: 'R9',
  title: 'a slow disk and no descriptors',
  runs: { t1: 2, t2: 'every', t3: 'every' },
  floor,
  open: () => scene(scarce),
}
