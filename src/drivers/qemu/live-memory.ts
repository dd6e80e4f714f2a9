/** Memory of a running guest on its way, and the moment in which the guest changes sides. */
import { Fault } from '../../core/fault.ts'
import type { LiveOrder, LiveProgress } from '../driver.ts'
import { fieldsOf, type Message } from './json-lines.ts'
import { bytesASecond } from './live-route.ts'
import { heard, migrationOf, numberOf, rowsOf, runStateOf, type Side, withTurn, wordOf } from './live-side.ts'
import type { Qmp } from './qmp.ts'

/** qemu's own. */
const defaultDowntimeMs = 300
/** More than any wire carries. */
const noLimit = 2 ** 50
const loadMs = 600_000
/** How long an arrival that nobody announced may stay unseen. */
const arrivalMs = 100

/** Says how memory is to travel; everything that an older move may have set is set again. */
export async function setTerms(qmp: Qmp, order: LiveOrder, creds: string | undefined): Promise<void> {
  const capabilities = {
    events: true,
    'pause-before-switchover': true,
    'auto-converge': order.autoConverge,
    'postcopy-ram': order.postCopy,
  }
  await qmp.execute('migrate-set-capabilities', {
    capabilities: Object.entries(capabilities).map(([capability, state]) => ({ capability, state })),
  })
  await qmp.execute('migrate-set-parameters', {
    'downtime-limit': order.maxDowntimeMs ?? defaultDowntimeMs,
    'max-bandwidth': bytesASecond(order) || noLimit,
    'tls-creds': creds ?? '',
  })
}

/** Whether the move that is under way may end by post-copy. */
export async function mayPostCopy(qmp: Qmp): Promise<boolean> {
  const capabilities = rowsOf(await qmp.execute('query-migrate-capabilities'))
  return capabilities.some((row) => row.get('capability') === 'postcopy-ram' && row.get('state') === true)
}

const moving = new Set(['setup', 'active', 'pre-switchover', 'device', 'postcopy-active', 'wait-unplug', 'cancelling'])

/** Whether memory is on its way. */
export const isMoving = (migration: string): boolean => moving.has(migration)

/** How far memory is. */
export function memoryProgress(migration: Message | undefined): LiveProgress['memory'] {
  const ram = fieldsOf(migration?.get('ram'))
  const total = numberOf(ram, 'total')
  return { total, remaining: Math.min(total, numberOf(ram, 'remaining')) }
}

/** `conflict` when the move was aborted, `internal` with qemu's words when it failed. */
export function refuseFailed(migration: Message | undefined): void {
  const status = wordOf(migration, 'status')
  if (status === 'cancelled' || status === 'cancelling') throw new Fault('conflict', 'the live move was aborted')
  if (status !== 'failed' && status !== 'postcopy-paused') return
  const words = wordOf(migration, 'error-desc').slice(0, 300)
  throw new Fault('internal', `memory did not arrive${words === '' ? '' : `: ${words}`}`)
}

/** On the source, which waits before the switch-over: lets it go, and resolves when it can never run again by itself. */
export async function letGo(qmp: Qmp): Promise<Message | undefined> {
  await qmp.execute('migrate-continue', { state: 'pre-switchover' })
  for (;;) {
    const migration = await migrationOf(qmp)
    refuseFailed(migration)
    if (['completed', 'postcopy-active'].includes(wordOf(migration, 'status'))) return migration
    await heard(qmp, ['MIGRATION'], loadMs)
  }
}

/** On the destination: once everything is there and `sourceIsDone`, the guest runs. Never two of it: nothing else says `cont`. */
export async function land(target: Side, hasDisks: boolean, sourceIsDone: Promise<unknown>): Promise<void> {
  let isOff = false
  sourceIsDone.catch(() => {
    isOff = true
  })
  await withTurn(target, async (qmp) => {
    while (!isOff && (await runStateOf(qmp)) === 'inmigrate') await heard(qmp, ['MIGRATION'], arrivalMs)
    await sourceIsDone
    // Its exports would hold the disks against the guest.
    if (hasDisks) await qmp.execute('nbd-server-stop').catch(unlessStopped)
    await qmp.execute('cont')
  })
}

function unlessStopped(error: unknown): void {
  if (!(error instanceof Fault && /not running/.test(error.message))) throw error
}
