/** R20: a host's power fails, or worse, at every step of long work on three real hosts. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { GatedCli } from '../../support/gated-cli.ts'
import type { Rig } from '../../support/rig/rig.ts'
import type { RigHost } from '../../support/rig/rig-host.ts'
import { markDisk } from '../rig/guest-disk.ts'
import { type Names, type Work, works } from '../rig/moves.ts'
import type { CloudKind, RigState } from '../rig/rig-cloud.ts'
import { diskFindings, doubledFindings, recordFindings, sayingFindings } from '../rig/rig-oracle.ts'
import { judgeGone, judgeWhole, rigScene, tidies } from '../rig/rig-scene.ts'
import { faults, powerFailures, type Strike } from '../rig/strikes.ts'
import type { Row, Trial } from '../runner/row.ts'

type Victim = 'source' | 'destination' | 'both' | 'controller'
/** The victim is back before the work goes on, once the next command has tidied up, or when all was settled without it. */
type Return = 'at once' | 'later' | 'never'

interface Case {
  readonly kind: CloudKind
  readonly work: Work
  readonly step: string
  readonly victim: Victim
  readonly strike: Strike | undefined
  readonly when: 'before' | 'in'
  readonly back: Return
}

const nameOf = ({ kind, work, step, victim, strike, when, back }: Case) =>
  `${kind}: ${victim} ${strike?.name ?? 'is killed'} ${when} ${step} of ${work.name}, back ${back}`

const hostVictims = ['source', 'destination', 'both'] as const

/** A boot has no source, and that of an evacuation is off already. */
const canStrike = (work: Work, victim: Victim) =>
  victim === 'destination' || victim === 'controller' || (work.name !== 'boot' && !work.sourceIsOff)

function casesOf(kind: CloudKind, work: Work, step: string): Case[] {
  const base = { kind, work, step }
  const whens = ['before', 'in'] as const
  const lost = powerFailures.flatMap((strike) =>
    hostVictims.flatMap((victim) =>
      whens.flatMap((when) => (['at once', 'later', 'never'] as const).map((back) => ({ ...base, victim, strike, when, back }))),
    ),
  )
  const lesser = faults
    .filter(({ needsLibvirt }) => !needsLibvirt || kind !== 'qemu')
    .flatMap((strike) =>
      (['source', 'destination'] as const).map((victim) => ({
        ...base,
        victim,
        strike,
        when: 'before' as const,
        back: 'later' as const,
      })),
    )
  const killed = whens.map((when) => ({
    ...base,
    victim: 'controller' as const,
    strike: undefined,
    when,
    back: 'later' as const,
  }))
  return [...lost, ...lesser, ...killed].filter(({ victim }) => canStrike(work, victim))
}

/** Steps that have a record of their own: behind any other nothing can stand still. */
const stepsOf = ({ flow }: Work) => flow.steps.filter(({ within, looks }) => !within && !looks).map(({ name }) => name)

const allCases: ReadonlyMap<string, Case> = new Map(
  works
    .flatMap((work) => work.kinds.flatMap((kind) => stepsOf(work).flatMap((step) => casesOf(kind, work, step))))
    .map((one) => [nameOf(one), one]),
)

/** Lets the command go on until that step of its work has begun; false when it ended without. */
async function reaches(gated: GatedCli, state: RigState, { work, step }: Case): Promise<boolean> {
  while (await gated.stops()) {
    const flow = (await state.openFlows()).find(({ name }) => name === work.flow.name)
    if (flow?.steps.some((entry) => entry.name === step && entry.status === 'running')) return true
    gated.resume()
  }
  return false
}

const hostsOf = (rig: Rig, victim: Victim): RigHost[] =>
  victim === 'both' ? [rig.host(1), rig.host(2)] : victim === 'controller' ? [] : [rig.host(victim === 'source' ? 1 : 2)]

async function strikes(gated: GatedCli, { victim, strike, when, back }: Case, rig: Rig, trial: Trial): Promise<void> {
  if (when === 'in') {
    gated.release()
    await sleep(Math.floor(trial.random() * 600))
  }
  if (strike === undefined) gated.kill()
  const hosts = hostsOf(rig, victim)
  await Promise.all(hosts.map((host) => strike?.strike(host)))
  if (back === 'at once') await Promise.all(hosts.map((host) => strike?.mend(host)))
  if (when === 'before' && strike !== undefined) gated.release()
}

/** The command with what befalls it, to its end; resolves with whether anything did. */
async function suffers(gated: GatedCli, one: Case, state: RigState, trial: Trial): Promise<boolean> {
  const { rig } = state.cloud
  try {
    const isThere = await reaches(gated, state, one)
    if (isThere) {
      trial.fired()
      await strikes(gated, one, rig, trial)
    }
    const result = await gated.ended
    trial.judge(['SAFE', 'LIVE'], sayingFindings(one.work.name, result))
    const isBlocked = (await state.openFlows()).some(({ status }) => status === 'blocked')
    trial.mark(isBlocked ? 'an undo was blocked' : `the work ${result.code === 0 ? 'went on' : 'was taken back'}`)
    return isThere
  } finally {
    gated.kill()
  }
}

/** With the hosts still away: nothing runs twice, lists go on, and what is open says why. */
async function judgeWithout(state: RigState, trial: Trial): Promise<void> {
  await state.succeed('list')
  trial.judge(['ONE', 'FLOW', 'RES'], [...doubledFindings(state), ...(await recordFindings(state))])
}

/** A server whose host never comes back is made anew elsewhere, unless its disk is seen there: that one is refused. */
async function evacuates(state: RigState, { victim, back, strike, kind }: Case): Promise<boolean> {
  const { rig } = state.cloud
  if (kind === 'shared') return false
  const [web] = await state.liveServers()
  const isLost = hostsOf(rig, victim).some(({ name }) => name === web?.host)
  if (back !== 'never' || !strike?.endsGuests || !isLost || web?.taskState !== null) return false
  const open = await state.read((reader) => reader.list('migrations', { where: { open: true } }))
  if (open.length > 0 || (await state.openFlows()).length > 0) return false
  await state.succeed(`evacuate web --host ${rig.host(3).name} --yes --i-checked-it-is-off torture`)
  return true
}

/** What was written before is there, unless the server was made anew from its image. */
async function judgeDisk(state: RigState, trial: Trial, { work }: Case, wasEvacuated: boolean): Promise<void> {
  const { rig, contents } = state.cloud
  const [web] = await state.liveServers()
  const host = rig.hosts.find(({ name }) => name === web?.host)
  if (!web || !host || web.vmState === 'error') return
  if (web.vmState === 'resized') await state.succeed('resize-confirm web')
  if (web.powerState !== 'shutdown') await state.succeed('stop web')
  const [now = web] = await state.liveServers()
  const isAnew = work.name === 'boot' || wasEvacuated || (work.sourceIsOff && host !== rig.host(1))
  trial.judge(['DISK'], diskFindings(state, host, now, [isAnew ? contents.image : contents.marked]))
}

async function prepares(state: RigState, { work }: Case, names: Names): Promise<void> {
  if (work.name === 'boot') return
  const { rig } = state.cloud
  await state.succeed(`boot web --image small --flavor small --availability-zone :${names.source}`)
  const [web] = await state.liveServers()
  if (web) await markDisk(state.cloud, rig.host(1), web)
  for (const line of work.before(names)) await state.succeed(line)
  if (work.sourceIsOff) await rig.host(1).crash()
}

async function experiment(one: Case, state: RigState, trial: Trial): Promise<void> {
  const { rig } = state.cloud
  const names = { source: rig.host(1).name, destination: rig.host(2).name }
  await prepares(state, one, names)
  const wasStruck = await suffers(await state.gated(one.work.line(names)), one, state, trial)
  if (one.back !== 'at once') await tidies(state, trial)
  let wasEvacuated = false
  if (one.back === 'never') {
    await judgeWithout(state, trial)
    wasEvacuated = wasStruck && (await evacuates(state, one))
    if (wasEvacuated) trial.mark('a lost server was made anew')
  }
  if (wasStruck && one.back !== 'at once') for (const host of hostsOf(rig, one.victim)) await one.strike?.mend(host)
  if (one.work.sourceIsOff) await rig.host(1).start()
  await tidies(state, trial)
  await judgeWhole(state, trial)
  await judgeDisk(state, trial, one, wasEvacuated)
  await judgeGone(state, trial)
}

export const hostFaults: Row = {
  id: 'R20',
  title: 'a host loses its power, its connections or its libvirtd at every step of long work, on three real hosts',
  runs: { t1: 1, t2: 150, t3: 'every' },
  floor: { fired: 0.9, checked: 0.9 },
  marks: ['the work went on', 'the work was taken back', 'an undo was blocked', 'a lost server was made anew'],
  open: () => rigScene(allCases, experiment),
}
