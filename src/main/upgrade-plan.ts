/** What an upgrade of the daemons finds and does, looked at by the newer program without a daemon, and without a change. */
import type { CheckResult } from '../actions/status/upgrade-checks.ts'
import { wireVersion } from '../bus/rabbitmq-wire.ts'
import { type Service, silenceOf } from '../model/service.ts'
import { type Program, upgradeOrder } from '../model/upgrade-order.ts'
import { migrations } from '../state/json/migrations.ts'
import { type PendingChange, pendingChanges } from '../state/json/pending-changes.ts'
import type { Reader } from '../state/store.ts'
import { storeNow } from '../state/store-now.ts'
import { systemClock as clock } from '../system/clock.ts'
import { systemProcesses as processes } from '../system/processes.ts'
import { type Core, openCore } from './core.ts'

export interface UpgradeFacts {
  readonly own: Program
  readonly checks: readonly CheckResult[]
  /** Those that are up, in the order in which they are started again. */
  readonly services: readonly Service[]
  /** Operations that daemons work on now. */
  readonly operations: number
  readonly pending: readonly PendingChange[]
}

/** Reads the records in this process; `unsupported` when they are newer than this program. */
export async function upgradeFacts(stateDirectory: string, version: string): Promise<UpgradeFacts> {
  const own = { version, understands: { records: migrations.length, messages: wireVersion } }
  const core = openCore({ stateDirectory, recovers: false })
  try {
    const [{ check }, { version: form }] = await Promise.all([
      import('../actions/status/check.ts'),
      import('../actions/db/version.ts'),
    ])
    const checks = check.output.parse(await perform(core, check))
    const { pending } = form.output.parse(await perform(core, form))
    const now = await storeNow(core.store, clock)
    const found = await core.store.read(async (reader: Reader) => ({
      services: await reader.list('services'),
      operations: await reader.count('flows', { where: { open: true } }),
      pending: await pendingChanges(reader, pending),
    }))
    return { own, checks, ...found, services: upgradeOrder(found.services.filter((one) => isUp(one, now, core))) }
  } finally {
    await core.close()
  }
}

const caller = { userId: 'nova', projectId: 'nova', roles: ['admin'] } as const

const perform = (core: Core, action: Parameters<Core['perform']>[0]) =>
  core.perform(action, {}, { caller, signal: new AbortController().signal, progress: () => undefined })

function isUp(service: Service, now: number, { settings }: Core): boolean {
  if (service.process === null || service.forcedDown) return false
  const isHere = service.process.bootId === processes.self().bootId
  return isHere ? processes.isAlive(service.process) : silenceOf(service, now) <= settings.downAfterMs
}
