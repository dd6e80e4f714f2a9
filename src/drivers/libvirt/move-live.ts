/**
 * A live move by libvirt. The source's libvirt leads it and talks to the destination's; where the controller goes away, it takes
 * the move back by itself. Whatever virsh says in the end, both hosts are asked where the guest is.
 */
import { Fault } from '../../core/fault.ts'
import { inOneGo } from '../../hosts/batch.ts'
import type { GuestPlace, GuestSpec, LiveOrder, LiveProgress, LiveResult } from '../driver.ts'
import type { DriverContext } from '../driver-context.ts'
import { placedDisks } from '../guest-disk.ts'
import { type GuestRecord, writeGuestRecord } from '../guest-record.ts'
import { copyFile } from '../send-disks.ts'
import { refuseAdopted } from './adopted-guest.ts'
import { requireCertificates } from './certificates.ts'
import { requireCpu } from './compare-cpu.ts'
import { type LibvirtPaths, libvirtPaths } from './guest-paths.ts'
import { migrateCommand } from './live-command.ts'
import { disksToCopy, relocated, serialSocket } from './live-definition.ts'
import { type LiveFiles, liveFiles, prepareFiles, removeFiles } from './live-files.ts'
import { arrived, jobFields, progressOf, resultOf } from './live-progress.ts'
import { lookAround, type Sides, settle } from './live-sides.ts'
import { daemonSocket, nearSockets, openTunnels } from './live-tunnels.ts'
import { parseXml } from './parse-xml.ts'
import { placedAnew } from './place-domain.ts'
import { endStaleLive, followLive, jobCommand, jobIn, type LiveEnd, startLive } from './run-live.ts'
import { requireRecord } from './start-guest.ts'
import { type VirshCommand, virsh } from './virsh.ts'
import { type XmlElement, xmlText } from './xml.ts'

/** As much of the console's log as goes along. */
const consoleBytes = 1024 ** 2

/** Everything that one move works with. */
interface Move extends Sides {
  readonly id: string
  readonly spec: GuestSpec
  readonly order: LiveOrder
  readonly report: (progress: LiveProgress) => void
  /** Where the source reaches the destination. */
  readonly address: string | undefined
}

/** Moves the running guest, or finds that it has moved. */
export async function moveLive(context: DriverContext, to: GuestPlace, spec: GuestSpec, move: Pick<Move, 'order' | 'report'>) {
  const there: DriverContext = { ...context, host: to.host, instancesPath: to.instancesPath }
  return libvirtMove({ here: context, there, id: spec.id, spec, address: to.address, ...move })
}

async function libvirtMove(move: Move): Promise<LiveResult> {
  const { here, there, id, order } = move
  const isPlan = here.host.planning
  const [record, source, target, daemon] = await Promise.all([
    movableRecord(move),
    lookAtSource(move),
    lookAround(there, id, [...landingOf(id), ['capabilities']]),
    daemonSocket(there.host),
  ])
  const side = isPlan ? 'here' : await settle(move, id, [source.domain, target.domain])
  if (side === 'there') return finish(move, record, undefined, target.answers)
  if (order.transport === 'tls') await requireCertificates([here.host, there.host])
  const files = liveFiles(id)
  const { command, close } = await prepare(move, files, { answers: source.answers, there: target.answers.at(-1) ?? '', daemon })
  const end = await run(move, files, side === 'post-copy' ? [...command, '--postcopy-resume'] : command).catch(async (error) => {
    await close()
    throw error
  })
  const closing = close()
  if (isPlan) return closing.then(() => resultOf('', null))
  // Where virsh saw it arrive, nothing hangs on the tunnels any more.
  if (end.fault) await closing
  try {
    return await conclude(move, record, end)
  } finally {
    // Whoever repeats the move opens the same sockets.
    await closing
  }
}

/** Where the guest is once virsh has ended. */
async function conclude(move: Move, record: GuestRecord, end: LiveEnd): Promise<LiveResult> {
  const { here, there, id } = move
  const [left, come] = await Promise.all([lookAround(here, id), lookAround(there, id, landingOf(id))])
  const landed = await settle(move, id, [left.domain, come.domain])
  if (landed === 'there') return finish(move, record, end.last, come.answers)
  if (landed === 'here') throw end.fault ?? new Fault('internal', `guest ${id} did not move, and virsh does not say why`)
  throw new Fault('conflict', `guest ${id} is in post-copy: each host holds a part of its memory`, {
    hint: 'repeat the move: it goes on where it was cut',
    cause: end.fault,
  })
}

/** What the source's libvirt knows, once no earlier move of the guest is under way. */
async function lookAtSource({ here, id }: Move) {
  const ask = () => lookAround(here, id, [...dumps(id), jobCommand(id)])
  const seen = await ask()
  const job = jobIn(seen.answers.at(-1) ?? '', seen.domain)
  if (here.host.planning || !job || job.phase === 'post-copy') return seen
  await endStaleLive(here, id)
  return ask()
}

/** What is read of a guest that has landed. */
const landingOf = (id: string): readonly VirshCommand[] => [
  ['dumpxml', id, '--inactive', '--security-info'],
  ['domjobinfo', id, '--completed', '--keep-completed', '--rawstats'],
  ['dumpxml', id],
]

async function movableRecord({ here, id }: Move): Promise<GuestRecord> {
  const paths = libvirtPaths(here, id)
  await refuseAdopted(here, paths, id)
  const record = await requireRecord(here, paths)
  if (record.rescue === null) return record
  throw new Fault('conflict', `guest ${id} is in rescue on host ${here.host.name}`)
}

async function run({ here, id, order, report }: Move, files: LiveFiles, command: VirshCommand): Promise<LiveEnd> {
  if (order.maxDowntimeMs !== null) await virsh(here, [['migrate-setmaxdowntime', id, String(order.maxDowntimeMs)]])
  await startLive(here, command, files, nearSockets(order, files))
  return here.host.planning ? { fault: undefined, last: undefined } : followLive(here, id, files, report)
}

const dumps = (id: string): readonly VirshCommand[] => [
  ['dumpxml', id, '--migratable', '--security-info'],
  ['dumpxml', id, '--inactive', '--migratable', '--security-info'],
  ['dumpxml', id],
  ['capabilities'],
]

interface Answers {
  /** Of the source, to `dumps`. */
  readonly answers: readonly string[]
  /** Capabilities of the destination. */
  readonly there: string
  /** libvirt's socket there. */
  readonly daemon: string
}

/** Opens the tunnels, writes the definitions for the destination and brings what libvirt does not: disks that the guest cannot write. */
async function prepare(move: Move, files: LiveFiles, { answers, there: abilities, daemon }: Answers) {
  const { here, there, id, order } = move
  const [running, persistent, seen] = [parseXml(answers[0] ?? ''), parseXml(answers[1] ?? ''), parseXml(answers[2] ?? '')]
  const own = answers[3] ?? ''
  const way = async () => {
    await Promise.all([define(move, files, { running, persistent, capabilities: own }), prepareFiles(there, id, abilities)])
    return openTunnels(move, order, files, daemon)
  }
  const [close, written] = await Promise.allSettled([
    way(),
    Promise.all([requireCpu(here, there, seen, own), order.storage === 'copy' ? bringFiles(move) : undefined]),
  ])
  if (close.status === 'rejected') throw close.reason
  if (written.status === 'rejected') {
    await close.value()
    throw written.reason
  }
  const disks = disksToCopy(running, libvirtPaths(here, id).directory, order.storage)
  return { command: migrateCommand(id, order, files, { disks, address: move.address }), close: close.value }
}

interface Definitions {
  readonly running: XmlElement
  readonly persistent: XmlElement
  /** Of the source, where they are written. */
  readonly capabilities: string
}

async function define(move: Move, files: LiveFiles, { running, persistent, capabilities }: Definitions): Promise<void> {
  const { here, there, id, spec, order } = move
  const relocation = { from: here.instancesPath, to: there.instancesPath, spec }
  const serial = order.storage === 'shared' ? otherSocket(libvirtPaths(there, id), serialSocket(running)) : null
  const texts = new Map<string, string>()
  for (const [path, domain] of [
    [files.running, relocated(running, { ...relocation, serial })],
    [files.persistent, relocated(persistent, { ...relocation, serial: null })],
  ] as const)
    texts.set(path, xmlText(await placedAnew(there, domain, spec)))
  await inOneGo(here.host, async (host) => {
    await prepareFiles({ host }, id, capabilities)
    await Promise.all([...texts].map(([path, text]) => host.writeFile(path, text, { durable: false })))
  })
}

/** On shared storage both processes live side by side for a moment, and the one that ends removes its socket. */
const otherSocket = (paths: LibvirtPaths, used: string | undefined) =>
  used === paths.serial ? `${paths.directory}/live.sock` : paths.serial

/** What does not change while the guest runs, and what it said so far. */
async function bringFiles({ here, there, spec }: Move): Promise<void> {
  const [from, to] = [libvirtPaths(here, spec.id), libvirtPaths(there, spec.id)]
  const [drive, target] = [from, to].map((paths) => placedDisks(spec, paths).find(({ disk }) => disk.role === 'config')?.path)
  const [said] = await Promise.all([
    here.host.readFile(from.log, { tail: true, maxBytes: consoleBytes }),
    drive !== undefined && target !== undefined ? copyFile(here.host, drive, there.host, target) : undefined,
  ])
  if (said !== undefined) await there.host.writeFile(to.log, said, { durable: false })
}

/** What is left to do once the guest runs there; done again it changes nothing. The last are the answers to `landingOf`. */
async function finish(
  move: Move,
  record: GuestRecord,
  last: LiveProgress | undefined,
  [definition = '', job = '', running = '']: readonly string[],
): Promise<LiveResult> {
  const { here, there, id, spec, order, report } = move
  const to = libvirtPaths(there, id)
  const socket = running.trim() === '' ? undefined : serialSocket(parseXml(running.trim()))
  const isOther = order.storage === 'shared' && socket !== undefined && socket !== to.serial
  const arrive = inOneGo(there.host, async (host) => {
    await writeGuestRecord({ host }, to, { ...record, spec })
    await host.writeFile(to.domain, definition.trim())
    if (isOther) await host.run(['ln', '-sfn', '--', socket, to.serial])
    await removeFiles({ host }, id)
  })
  await Promise.all([arrive, removeFiles(here, id)])
  // A small guest may arrive before anybody looked.
  report(arrived(last ?? progressOf(jobFields(job) ?? new Map(), undefined)))
  return resultOf(job, last ? last.disks.total : null)
}
