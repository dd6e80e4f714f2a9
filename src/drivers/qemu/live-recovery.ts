/** Finds out how far a move came that was cut or went wrong, and brings the guest to one of the two sides. */
import { Fault } from '../../core/fault.ts'
import { forgetMirrors } from './live-disks.ts'
import { isMoving, land } from './live-memory.ts'
import { disarm } from './live-route.ts'
import { inTurns, migrationOf, type Side, type Standing, standingOf, withTurn, wordOf } from './live-side.ts'
import { endProcess } from './stop-guest.ts'

const landingMs = 10_000
const pollMs = 100

/** `arrived`: the guest runs on the destination alone. `here`: it runs on the source, and nothing of a move is left. */
export async function settle(source: Side, target: Side): Promise<'here' | 'arrived'> {
  const [there, found] = await Promise.all([standingOf(target), standingOf(source, source.process)])
  const here = await stopped(source, found)
  if (there?.status === 'running') return arrivedBefore(source, target, here)
  if (isHandedOver(here) && (await lands(source, target, here))) return 'arrived'
  if (here === undefined)
    throw new Fault('conflict', `guest does not run on host ${source.context.host.name}: there is nothing to move`)
  if (here.status === 'paused' && here.migration === '' && there === undefined) refusePaused(source)
  // A move that was stopped just now may have changed what waits there, and where disks are shared it may hold them.
  await endWaiting(target, here === found ? there : await standingOf(target))
  await backHere(source)
  return 'here'
}

/** After a failure: the guest runs on the source, or the fault says where it stands. */
export async function goBack(source: Side, target: Side): Promise<void> {
  const here = await stopped(source, await standingOf(source))
  if (here === undefined || isHandedOver(here)) {
    const [from, to] = [source, target].map(({ context }) => context.host.name)
    throw new Fault('internal', `the guest has left host ${from} and is not known to run on host ${to}`, {
      hint: 'repeat the move: it goes on from there',
    })
  }
  const end = () => standingOf(target).then((there) => endWaiting(target, there))
  // Shared disks may be held by what waits there.
  await backHere(source).catch(() => end().then(() => backHere(source)))
  // A host that does not answer has at most a halted guest: nobody tells it to go on.
  await end().catch(() => {})
}

/** qemu on the source never runs such a guest again by itself. */
const isHandedOver = (here: Standing | undefined): boolean =>
  here === undefined || here.status === 'postmigrate' || here.migration.startsWith('postcopy')

async function arrivedBefore(source: Side, target: Side, here: Standing | undefined): Promise<'arrived'> {
  if (!isHandedOver(here)) {
    const [from, to] = [source, target].map(({ context }) => context.host.name)
    throw new Fault('internal', `the guest is ${here?.status} on host ${from} and running on host ${to}`, {
      hint: 'stop one of the two',
    })
  }
  await letSourceGo(source, here)
  return 'arrived'
}

/** True when the guest was there and now runs; whatever else was there is gone when it is false. */
async function lands(source: Side, target: Side, here: Standing | undefined): Promise<boolean> {
  const { clock } = target.context
  const end = clock.monotonic() + landingMs
  for (;;) {
    const there = await standingOf(target)
    // What never had a guest, or was never told of one, has none to land.
    if (there === undefined || (there.status === 'inmigrate' && clock.monotonic() >= end)) return false
    if (there.status === 'paused' && /^(completed|postcopy)/.test(there.migration)) break
    if (there.status !== 'inmigrate') return false
    await clock.sleep(pollMs)
  }
  await land(target, true, Promise.resolve())
  await letSourceGo(source, here)
  return true
}

/** The source serves memory until a post-copy has all of it. */
async function letSourceGo(source: Side, here: Standing | undefined): Promise<void> {
  if (here === undefined) return
  if (here.status !== 'postmigrate')
    await inTurns(source, ['MIGRATION'], async (qmp) => {
      const status = wordOf(await migrationOf(qmp), 'status')
      if (status === 'postcopy-paused') throw new Fault('internal', 'the way to the guest broke while it fetched its memory')
      return status === 'completed' || undefined
    })
  await endProcess(source.context, here)
}

/** Ends memory on its way, unless it is past return; resolves with what stands then. */
async function stopped(source: Side, here: Standing | undefined): Promise<Standing | undefined> {
  if (here === undefined || !isMoving(here.migration) || here.migration.startsWith('postcopy')) return here
  await withTurn(source, (qmp) => qmp.execute('migrate_cancel'))
  await inTurns(source, ['MIGRATION'], async (qmp) => !isMoving(wordOf(await migrationOf(qmp), 'status')) || undefined)
  return standingOf(source)
}

/** The guest goes on here without a trace of the move. */
async function backHere(source: Side): Promise<void> {
  await withTurn(source, async (qmp) => {
    await forgetMirrors(qmp)
    await disarm(qmp)
    await qmp.execute('cont')
  })
}

async function endWaiting(target: Side, there: Standing | undefined): Promise<void> {
  if (there === undefined) return
  if (there.status === 'running') throw new Fault('internal', `the guest runs on host ${target.context.host.name} too`)
  await endProcess(target.context, there)
}

function refusePaused({ context }: Side): never {
  throw new Fault('conflict', `the guest is paused on host ${context.host.name}`, { hint: 'unpause it first' })
}
