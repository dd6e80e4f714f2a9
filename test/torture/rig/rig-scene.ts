/** What rows on three real hosts share: the rig, its clouds, the operator who tidies up, and the end of every experiment. */
import { cpSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { startRig } from '../../support/rig/rig.ts'
import type { Scene, Trial } from '../runner/row.ts'
import { type CloudKind, type RigCloud, type RigState, rigCloud } from './rig-cloud.ts'
import { doubledFindings, hostFindings, leftFindings, recordFindings, sayingFindings, type Watched } from './rig-oracle.ts'

/** A cloud that an operator can put in order. */
type Tended = Watched & Pick<RigState, 'run' | 'succeed'>

interface OfKind {
  readonly kind: CloudKind
}

/** Switches three hosts on; every experiment starts from the same records, and from clean hosts when the one before failed. */
export async function rigScene<C extends OfKind>(
  cases: ReadonlyMap<string, C>,
  experiment: (one: C, state: RigState, trial: Trial) => Promise<void>,
): Promise<Scene> {
  const rig = await startRig(3, 'libvirt')
  const clouds = new Map<CloudKind, Promise<RigCloud>>()
  const cloudOf = (kind: CloudKind) => {
    const cloud = clouds.get(kind) ?? rigCloud(rig, kind)
    clouds.set(kind, cloud)
    return cloud
  }
  return {
    cases: [...cases.keys()],
    async run(name, trial) {
      const one = cases.get(name)
      if (!one) throw new Error(`no case ${name}`)
      const cloud = await cloudOf(one.kind)
      const state = cloud.fresh()
      let isWhole = false
      const findings: string[] = []
      const judge: Trial['judge'] = (held, found) => {
        findings.push(...found)
        trial.judge(held, found)
      }
      try {
        await experiment(one, state, { ...trial, judge })
        isWhole = findings.length === 0
      } finally {
        if (!isWhole) {
          // Beside the failure that the runner notes.
          cpSync(state.state, `.cache/torture/state-${trial.seed}`, { recursive: true })
          await cleans(cloud)
        }
        state.remove()
      }
    },
    async close() {
      for (const cloud of clouds.values()) (await cloud).remove()
      await rig.down()
    },
  }
}

/** After a failure the next experiment must not pay for it. */
async function cleans({ rig }: RigCloud): Promise<void> {
  for (const host of rig.hosts) {
    host.heal()
    await host.crash()
  }
  for (const entry of readdirSync(rig.shared)) rmSync(join(rig.shared, entry), { recursive: true, force: true })
  for (const host of rig.hosts) await host.reset()
}

/** What an operator does next; both may fail while a host is off. */
export async function tidies(state: Tended, trial: Trial): Promise<void> {
  for (const line of ['operation resume', 'doctor --fix']) trial.judge(['SAFE'], sayingFindings(line, await state.run(line)))
}

/** Everybody is back, and the doctor was there once. */
export async function judgeWhole(state: Tended, trial: Trial): Promise<void> {
  const answer = await state.run('doctor --json')
  const found = answer.code === 0 ? [] : [`HOST the doctor still finds: ${answer.stdout}${answer.stderr}`]
  trial.judge(
    ['ONE', 'FLOW', 'RES', 'HOST'],
    [...found, ...doubledFindings(state), ...(await recordFindings(state)), ...(await hostFindings(state))],
  )
}

/** Deletes every server: nothing of any is left on any host. */
export async function judgeGone(state: Tended, trial: Trial): Promise<void> {
  const servers = await state.liveServers()
  if (servers.length > 0) await state.succeed(`delete ${servers.map(({ id }) => id).join(' ')} --yes`)
  await state.run('doctor --fix')
  trial.judge(['HOST'], leftFindings(state))
  trial.checked()
}
