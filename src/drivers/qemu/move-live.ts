/**
 * Moves a running guest. The guest runs on the destination only after `cont` there, which is said when the source's qemu has
 * handed it over for good; whoever repeats a move that was cut asks both processes how far it came.
 */
import { Fault } from '../../core/fault.ts'
import type { GuestPlace, GuestSpec, LiveMoves, LiveOrder, LiveProgress, LiveResult } from '../driver.ts'
import type { PlacedDisk } from '../guest-disk.ts'
import { sendImages } from '../send-disks.ts'
import type { QemuContext } from './context.ts'
import { fieldsOf, type Message } from './json-lines.ts'
import { abortLive, forceLive } from './live-control.ts'
import { exportDisks, finishMirrors, mirrorsState, movingDisks, startMirrors } from './live-disks.ts'
import { land, letGo, memoryProgress, refuseFailed, setTerms } from './live-memory.ts'
import { goBack, settle } from './live-recovery.ts'
import { leave, makeRoom, movableRecord, openPlace, recordArrival, sharesWith } from './live-room.ts'
import { bytesASecond, openRoute, type Route } from './live-route.ts'
import { inTurns, migrationOf, numberOf, type Side, sideHere, sideThere, withTurn, wordOf } from './live-side.ts'
import type { Qmp } from './qmp.ts'
import { endProcess } from './stop-guest.ts'

/** What the qemu driver does for live moves. */
export function qemuLiveMoves(context: QemuContext): LiveMoves {
  return {
    sharesWith: (id, to) => sharesWith(context, id, to),
    sendImages: (id, to, spec) => sendImages(context, id, to, spec),
    makeRoom: (spec, order) => makeRoom(context, spec, order),
    moveLive: (id, to, spec, order, report) => moveLive({ context, id, to, spec, order, report }),
    abortLive: async (id) => abortLive(await sideHere(context, id)),
    forceLive: async (id) => forceLive(await sideHere(context, id)),
    leave: (id, storage) => leave(context, id, storage),
  }
}

interface Request {
  readonly context: QemuContext
  readonly id: string
  readonly to: GuestPlace
  readonly spec: GuestSpec
  readonly order: LiveOrder
  readonly report: (progress: LiveProgress) => void
}

/** One move on its way. */
interface Move {
  readonly source: Side
  readonly target: Side
  readonly order: LiveOrder
  readonly report: (progress: LiveProgress) => void
  readonly disks: readonly PlacedDisk[]
  readonly route: Route
}

const unknown: LiveResult = { downtimeMs: null, totalMs: null, memoryBytes: null, diskBytes: null }

async function moveLive({ context, id, to, spec, order, report }: Request): Promise<LiveResult> {
  if (order.postCopy && order.transport === 'tunnel')
    throw new Fault(
      'unsupported',
      'no post-copy through a tunnel: a guest with memory on both hosts would die with the controller',
      {
        hint: 'choose the transport tls',
      },
    )
  const [source, target] = [await sideHere(context, id), sideThere(context, to, id, order.storage)]
  const isShared = order.storage === 'shared'
  const movable = movableRecord(source)
  // A guest that has arrived needs none here.
  movable.catch(() => {})
  if (!context.host.planning && (await settle(source, target)) === 'arrived') {
    if (isShared) await recordArrival(target, spec)
    return unknown
  }
  const begun = context.clock.monotonic()
  await movable
  const [opened, placed] = await Promise.allSettled([
    openRoute(order, source, target, to),
    openPlace(source, target, spec, order.storage),
  ])
  if (opened.status === 'rejected') {
    if (!context.host.planning && placed.status === 'fulfilled') await goBack(source, target)
    throw opened.reason
  }
  const route = opened.value
  try {
    if (placed.status === 'rejected') throw placed.reason
    if (context.host.planning) return unknown
    const move = { source, target, order, report, route, disks: isShared ? [] : movingDisks(spec, source) }
    const gone = await travel(move)
    if (isShared) await recordArrival(target, spec)
    return { ...gone, totalMs: Math.round(context.clock.monotonic() - begun) }
  } catch (error) {
    if (!context.host.planning) await goBack(source, target)
    throw error
  } finally {
    await route.close()
  }
}

async function travel(move: Move): Promise<LiveResult> {
  const { source } = move
  const uri = await depart(move)
  const copied = move.disks.length === 0 ? { total: 0, remaining: 0 } : await copyDisks(move)
  const result = await crossOver(move, uri, copied)
  if (source.process) await endProcess(source.context, source.process)
  return result
}

/** Both get their terms, the destination listens, and the disks are on their way. Resolves with where memory goes. */
async function depart({ source, target, order, disks, route }: Move): Promise<string> {
  const { server, uri } = await withTurn(target, async (qmp) => {
    await route.arm(qmp, 'server')
    await setTerms(qmp, order, route.creds)
    const listening = disks.length > 0 ? await route.serveDisks(qmp) : {}
    await exportDisks(qmp, disks)
    return { server: listening, uri: await route.expectMemory(qmp) }
  })
  await withTurn(source, async (qmp) => {
    await route.arm(qmp, 'client')
    await setTerms(qmp, order, route.creds)
    await startMirrors(qmp, disks, { server, creds: route.creds, speed: bytesASecond(order) })
  })
  return uri
}

/** Resolves when every write of the guest goes to both hosts. */
function copyDisks({ source, disks, report }: Move): Promise<LiveProgress['disks']> {
  return inTurns(source, ['BLOCK_JOB_READY', 'BLOCK_JOB_COMPLETED', 'BLOCK_JOB_CANCELLED'], async (qmp) => {
    const { progress, areReady } = await mirrorsState(qmp, disks)
    report({ phase: 'disks', disks: progress, memory: { total: 0, remaining: 0 } })
    return areReady ? progress : undefined
  })
}

/** Memory travels while the guest runs; what is left travels while it stands still. */
async function crossOver(move: Move, uri: string, copied: LiveProgress['disks']): Promise<LiveResult> {
  const { source, report } = move
  let isSent = false
  const crossing = await inTurns(source, ['MIGRATION'], async (qmp) => {
    if (!isSent) await qmp.execute('migrate', { uri })
    isSent = true
    const migration = await migrationOf(qmp)
    refuseFailed(migration)
    if (wordOf(migration, 'status') === 'pre-switchover') return changeSides(qmp, move)
    report({ phase: 'memory', disks: copied, memory: memoryProgress(migration) })
    return undefined
  })
  const disks = { total: crossing.diskBytes, remaining: 0 }
  const last = crossing.isPostCopy ? await pullMemory(move, disks) : crossing.migration
  report({ phase: 'switch-over', disks, memory: { ...memoryProgress(last), remaining: 0 } })
  const memoryBytes = numberOf(fieldsOf(last?.get('ram')), 'transferred')
  const downtimeMs = Math.round(numberOf(last, 'downtime') + crossing.landingMs)
  return { downtimeMs, totalMs: null, memoryBytes, diskBytes: crossing.diskBytes }
}

interface Crossing {
  readonly migration: Message | undefined
  readonly diskBytes: number
  readonly isPostCopy: boolean
  /** From the source's last word to the first instruction on the destination. */
  readonly landingMs: number
}

/** The guest stands still: every moment counts, so the destination's monitor is opened while the disks part. */
async function changeSides(qmp: Qmp, { source, target, disks }: Move): Promise<Crossing> {
  const { clock } = source.context
  const going = (async () => {
    const diskBytes = disks.length === 0 ? 0 : await finishMirrors(qmp, disks)
    const migration = await letGo(qmp)
    return { migration, diskBytes, left: clock.monotonic() }
  })()
  const landing = land(target, disks.length > 0, going)
  // Told by `going` first: the landing only waits for it.
  landing.catch(() => {})
  const { migration, diskBytes, left } = await going
  await landing
  const isPostCopy = wordOf(migration, 'status') === 'postcopy-active'
  return { migration, diskBytes, isPostCopy, landingMs: clock.monotonic() - left }
}

/** The guest runs on the destination and fetches what it lacks; the source keeps that until it has all. */
function pullMemory({ source, report }: Move, disks: LiveProgress['disks']): Promise<Message> {
  return inTurns(source, ['MIGRATION'], async (qmp) => {
    const migration = await migrationOf(qmp)
    refuseFailed(migration)
    if (wordOf(migration, 'status') === 'completed') return migration
    report({ phase: 'post-copy', disks, memory: memoryProgress(migration) })
    return undefined
  })
}
