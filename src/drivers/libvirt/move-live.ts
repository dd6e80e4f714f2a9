/**
 * A live move by libvirt. The source's libvirt leads it and talks to the destination's; where the controller goes away, it takes
 * the move back by itself. Whatever virsh says in the end, both hosts are asked where the guest is.
 */
import { Fault } from '../../core/fault.ts'
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
import { arrived, resultOf } from './live-progress.ts'
import { type Sides, settle } from './live-sides.ts'
import { openTunnels } from './live-tunnels.ts'
import { parseXml } from './parse-xml.ts'
import { placedAnew } from './place-domain.ts'
import { endStaleLive, followLive, type LiveEnd, startLive } from './run-live.ts'
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
  const [record] = await Promise.all([movableRecord(move), isPlan ? undefined : endStaleLive(here, id)])
  const side = isPlan ? 'here' : await settle(move, id)
  if (side === 'there') return finish(move, record, undefined)
  if (order.transport === 'tls') await requireCertificates([here.host, there.host])
  const files = liveFiles(id)
  const command = await prepare(move, files)
  const close = await openTunnels(move, order, files)
  let end: LiveEnd
  try {
    end = await run(move, files, side === 'post-copy' ? [...command, '--postcopy-resume'] : command)
  } finally {
    await close()
  }
  if (isPlan) return resultOf('', null)
  const landed = await settle(move, id)
  if (landed === 'there') return finish(move, record, end.last)
  if (landed === 'here') throw end.fault ?? new Fault('internal', `guest ${id} did not move, and virsh does not say why`)
  throw new Fault('conflict', `guest ${id} is in post-copy: each host holds a part of its memory`, {
    hint: 'repeat the move: it goes on where it was cut',
    cause: end.fault,
  })
}

async function movableRecord({ here, id }: Move): Promise<GuestRecord> {
  const paths = libvirtPaths(here, id)
  await refuseAdopted(here, paths, id)
  const record = await requireRecord(here, paths)
  if (record.rescue === null) return record
  throw new Fault('conflict', `guest ${id} is in rescue on host ${here.host.name}`)
}

async function run({ here, id, order, report }: Move, files: LiveFiles, command: VirshCommand): Promise<LiveEnd> {
  if (order.maxDowntimeMs !== null) await virsh(here, [['migrate-setmaxdowntime', id, String(order.maxDowntimeMs)]])
  await startLive(here, command, files)
  return here.host.planning ? { fault: undefined, last: undefined } : followLive(here, id, files, report)
}

const dumps = (id: string): readonly VirshCommand[] => [
  ['dumpxml', id, '--migratable', '--security-info'],
  ['dumpxml', id, '--inactive', '--migratable', '--security-info'],
  ['dumpxml', id],
  ['capabilities'],
]

/** Writes the definitions for the destination, and brings what libvirt does not: disks that the guest cannot write. */
async function prepare(move: Move, files: LiveFiles): Promise<VirshCommand> {
  const { here, there, id, spec, order } = move
  const { parts } = await virsh(here, dumps(id), { effect: 'read' })
  const [running, persistent, seen] = [parseXml(parts[0] ?? ''), parseXml(parts[1] ?? ''), parseXml(parts[2] ?? '')]
  await Promise.all([requireCpu(here, there, seen, parts[3] ?? ''), prepareFiles(here, id), prepareFiles(there, id)])
  const relocation = { from: here.instancesPath, to: there.instancesPath, spec }
  const serial = order.storage === 'shared' ? otherSocket(libvirtPaths(there, id), serialSocket(running)) : null
  const write = async (path: string, domain: XmlElement) =>
    here.host.writeFile(path, xmlText(await placedAnew(there, domain, spec)), { durable: false })
  await Promise.all([
    write(files.running, relocated(running, { ...relocation, serial })),
    write(files.persistent, relocated(persistent, { ...relocation, serial: null })),
    order.storage === 'copy' ? bringFiles(move) : undefined,
  ])
  const disks = disksToCopy(running, libvirtPaths(here, id).directory, order.storage)
  return migrateCommand(id, order, files, { disks, address: move.address })
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

/** What is left to do once the guest runs there; done again it changes nothing. */
async function finish(move: Move, record: GuestRecord, last: LiveProgress | undefined): Promise<LiveResult> {
  const { here, there, id, spec, order, report } = move
  const to = libvirtPaths(there, id)
  const dump: VirshCommand = ['dumpxml', id, '--inactive', '--security-info']
  const job: VirshCommand = ['domjobinfo', id, '--completed', '--keep-completed', '--rawstats']
  const { parts } = await virsh(there, [dump, job, ['dumpxml', id]], { effect: 'read', isAnswer: /./ })
  const socket = serialSocket(parseXml(parts[2]?.trim() ?? ''))
  const isOther = order.storage === 'shared' && socket !== undefined && socket !== to.serial
  await Promise.all([
    writeGuestRecord(there, to, { ...record, spec }),
    there.host.writeFile(to.domain, parts[0]?.trim() ?? ''),
    isOther ? there.host.run(['ln', '-sfn', '--', socket, to.serial]) : undefined,
    removeFiles(here, id),
    removeFiles(there, id),
  ])
  if (last) report(arrived(last))
  return resultOf(parts[1] ?? '', last ? last.disks.total : null)
}
