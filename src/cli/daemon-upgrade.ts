/** `nova daemon upgrade`: the plan for all daemons, and the restart of the one of this state directory with the program that was asked. */
import { countOf } from '../actions/count-of.ts'
import { Fault } from '../core/fault.ts'
import type { ProgressSink } from '../core/ports.ts'
import { count, object, z } from '../core/schema.ts'
import type { UpgradeFacts } from '../main/upgrade-plan.ts'
import { isOlderProgram, isOtherProgram } from '../model/upgrade-order.ts'
import { commandTable } from './command-table.ts'
import { defineLocal } from './local-action.ts'

const program = z.object({ pid: z.int(), version: z.string() })

export const daemonUpgrade = defineLocal({
  name: 'daemon.upgrade',
  summary: 'start the daemon again with this program, which goes on with its work; the plan tells the order among several',
  effect: 'write',
  policy: 'admin',
  input: object({ wait: count(1, 3600).default(60).describe('seconds to wait for the end of the one that runs') }),
  output: z.object({ stateDirectory: z.string(), before: program, after: program }),
  async run({ wait }, call) {
    const { stateDirectory } = call.target()
    const { upgradeFacts } = await import('../main/upgrade-plan.ts')
    const facts = await upgradeFacts(stateDirectory, commandTable.version)
    const { readDaemonFacts } = await import('../main/daemon-lock.ts')
    const running = readDaemonFacts(stateDirectory)
    if (call.plan) {
      tell(facts, call.progress)
      const { pid = 0, version = '' } = running ?? {}
      return { stateDirectory, before: { pid, version }, after: { pid, version: facts.own.version } }
    }
    if (!running)
      throw new Fault('not-found', `no daemon serves ${stateDirectory}`, { hint: 'nova daemon start; for several: --plan' })
    if (running.inForeground)
      throw new Fault('unsupported', `daemon ${running.pid} belongs to who started it in the foreground`, {
        hint: 'systemctl restart nova, or end it and run it again',
      })
    const failed = facts.checks.find(({ result }) => result === 'Failure')
    if (failed) throw new Fault('conflict', `${failed.check}: ${failed.details}`, { hint: 'nova status upgrade check' })
    const { startDaemon, stopDaemon } = await import('../main/daemon-control.ts')
    await stopDaemon(stateDirectory, wait * 1000, false)
    const { pid, version } = await startDaemon(stateDirectory)
    return { stateDirectory, before: { pid: running.pid, version: running.version }, after: { pid, version } }
  },
})

/** The steps of an upgrade of everything that runs, with the commands for each. */
function tell({ own, checks, services, operations, pending }: UpgradeFacts, progress: ProgressSink): void {
  const step = (flow: string, what: string, commands: readonly string[] = []) =>
    progress({ type: 'step', flow, step: what, status: 'done', commands })
  const wrong = checks.filter(({ result }) => result !== 'Success')
  const found = wrong.map(({ check, result, details }) => `${result}: ${check}: ${details}`)
  step('check', `${checks.length - wrong.length} of ${checks.length} checks succeed`, [...found, 'nova status upgrade check'])
  step('keep', 'a copy of all records', ['nova state export before-upgrade.jsonl'])
  const others = services.filter((service) => isOtherProgram(service, own))
  if (others.length > 0)
    step(
      'operations',
      `${countOf(operations, 'operation')} under way: each stops at a step boundary, and another daemon or the new one goes on`,
    )
  for (const { id, roles, hosts, version, process } of others) {
    const served = hosts.length > 0 ? ` of ${hosts.join(', ')}` : ''
    step('restart', `${roles.join(', ')} ${id}${served}: ${version}, process ${process?.pid}, becomes ${own.version}`, [
      `on ${id}: nova daemon upgrade, or systemctl restart nova`,
    ])
  }
  const older = others.filter((service) => isOlderProgram(service, own)).map(({ id }) => id)
  if (pending.length > 0)
    step('records', older.length === 0 ? 'their newest form, now' : `their newest form, once ${older.join(', ')} are new`, [
      ...pending.map(({ name, records }) => `${name}: ${countOf(records, 'record')}`),
      'nova db sync',
    ])
  step('check', 'that all is well', ['nova db check', 'nova service list'])
}
