/** A cloud in memory with room for a few servers, whose hosts take their time, and whose processes may die. */
import { setImmediate } from 'node:timers/promises'
import { asFault } from '../../src/core/fault.ts'
import type { Random } from '../../src/core/ports.ts'
import { fakeInventory } from '../../src/drivers/fake/inventory.ts'
import type { ScriptedHost } from '../../src/hosts/scripted.ts'
import { aCloud, type Cloud } from '../support/a-cloud.ts'
import { performed } from '../support/a-context.ts'
import { passed } from '../support/turns.ts'
import { type Command, callOf, hostNames, type Round, type Traffic } from './arbitrary-traffic.ts'

export interface Tally {
  died: number
  acknowledged: number
  refused: number
}

/** Two servers of m1.small fit on each host: (4096 − 512) × 1.5 MB. */
export async function smallCloud(delays: readonly number[]): Promise<Cloud> {
  let count = 0
  const pause = async () => {
    count += 1
    for (let turn = delays[count % delays.length] ?? 0; turn > 0; turn -= 1) await setImmediate()
  }
  const cloud = await aCloud(hostNames, { around: (host) => slowly(host, pause), random: countingRandom() })
  await cloud.context.store.transaction({ actor: 'test', request: 'shrink', action: 'shrink' }, async (tx) => {
    for (const host of await tx.list('hosts'))
      await tx.update('hosts', { ...host, inventory: { ...fakeInventory(host.name), memoryMb: 4096, vcpus: 4 } })
  })
  return cloud
}

/** Ids and addresses that differ, and are the same in every run. */
export function countingRandom(first = 0): Random {
  let count = first
  const next = () => {
    count += 1
    return count
  }
  return {
    bytes: (length) => Uint8Array.from({ length }, () => next() % 251),
    uuid: () => `00000000-0000-4000-8000-${String(next()).padStart(12, '0')}`,
  }
}

/** The same host; each of its operations lets others go first for a while. */
const slowly = (host: ScriptedHost, pause: () => Promise<void>): ScriptedHost => ({
  ...host,
  readFile: (...args) => pause().then(() => host.readFile(...args)),
  writeFile: (...args) => pause().then(() => host.writeFile(...args)),
  mkdir: (...args) => pause().then(() => host.mkdir(...args)),
  remove: (...args) => pause().then(() => host.remove(...args)),
})

let pids = 100

/** Everything of a traffic, then mended hosts and one process that adopts what is left. */
export async function runTraffic(cloud: Cloud, { rounds }: Traffic, tally: Tally): Promise<void> {
  for (const round of rounds) await runRound(cloud, round, tally)
  for (const host of hostNames) await cloud.misbehave(host, [])
  pids += 1
  await cloud.process(pids).flows.adopt({ handedOver: true })
}

async function runRound(cloud: Cloud, { commands, faults }: Round, tally: Tally): Promise<void> {
  for (const host of hostNames) {
    const own = faults.filter((entry) => entry.host === host).map((entry) => entry.fault)
    await cloud.misbehave(host, own)
  }
  await Promise.all(commands.map((command) => runCommand(cloud, command, tally)))
}

/** As the command line does it: a process of its own, which first adopts what others left. */
async function runCommand(cloud: Cloud, command: Command, tally: Tally): Promise<void> {
  pids += 1
  const pid = pids
  const mortal = { effects: command.dies ?? Number.POSITIVE_INFINITY }
  const context = cloud.process(pid, { mortal })
  let isDone = false
  const work = async () => {
    await context.flows.adopt()
    const named = await context.store.read((reader) => reader.list('servers', { where: { name: command.name, deleted: false } }))
    const [action, input] = callOf(command, named.at(-1)?.id ?? command.name)
    await performed(action, input, context)
  }
  const settled = work().then(
    () => {
      tally.acknowledged += 1
    },
    (error: unknown) => refuse(asFault(error).kind, error, tally),
  )
  void settled.finally(() => {
    isDone = true
  })
  await passed(() => isDone || mortal.effects < 0)
  if (isDone) return settled
  cloud.dead.add(pid)
  tally.died += 1
}

/** A command may fail, but not by a bug: what the fakes were told to say is the only internal fault. */
function refuse(kind: string, error: unknown, tally: Tally): void {
  const message = error instanceof Error ? error.message : String(error)
  if (kind === 'internal' && !/failed as told/.test(message)) throw error
  tally.refused += 1
}
