/**
 * A live move by libvirt. The source's libvirt leads it and talks to the destination's; where the controller goes away, it takes
 * the move back by itself. Whatever virsh says in the end, both hosts are asked where the guest is.
 */
import { Fault } from '../../core/fault.ts'
import type { GuestPlace, GuestSpec, LiveOrder, LiveProgress, LiveResult } from '../driver.ts'
import type { DriverContext } from '../driver-context.ts'
import { placedDisks } from '../guest-disk.ts'
import { writeGuestRecord } from '../guest-record.ts'
import { copyFile } from '../send-disks.ts'
import { refuseAdopted } from './adopted-guest.ts'
import { requireCertificates } from './certificates.ts'
import { requireCpu } from './compare-cpu.ts'
import { type LibvirtPaths, libvirtPaths } from './guest-paths.ts'
import { migrateCommand } from './live-command.ts'
import { disksToCopy, relocated, serialSocket } from './live-definition.ts'
import { type LiveFiles, prepareFiles, removeFiles } from './live-files.ts'
import { resultOf } from './live-progress.ts'
import { type Sides, settle } from './live-sides.ts'
import { openTunnels } from './live-tunnels.ts'
import { parseXml } from './parse-xml.ts'
import { placedAnew } from './place-domain.ts'
import { endStaleLive, followLive, type LiveEnd, startLive } from './run-live.ts'
import { requireRecord } from './start-guest.ts'
import { type VirshCommand, virsh } from './virsh.ts'
import { xmlText } from './xml.ts'

/** Everything that one move works with. */
interface Move extends Sides {
  readonly id: string
  readonly spec: GuestSpec
  readonly order: LiveOrder
  readonly report: (progress: LiveProgress) => void
}

/** Moves the running guest, or finds that it has moved. */
export async function moveLive(context: DriverContext, to: GuestPlace, spec: GuestSpec, move: Pick<Move, 'order' | 'report'>) {
  const there: DriverContext = { ...context, host: to.host, instancesPath: to.instancesPath }
  return libvirtMove({ here: context, there, id: spec.id, spec, ...move })
}

async function libvirtMove(move: Move): Promise<LiveResult> {
  const { here, there, id, order } = move
  await refuseAdopted(here, libvirtPaths(here, id), id)
  if (!here.host.planning) await endStaleLive(here, id)
  const side = here.host.planning ? 'here' : await settle(move, id)
  if (side === 'there') return finish(move, null)
  if (order.transport === 'tls') await requireCertificates([here.host, there.host])
  const files = await prepareFiles(here, id)
  await prepareFiles(there, id)
  const command = await prepare(move, files)
  const close = await openTunnels(move, order, files)
  let end: LiveEnd
  try {
    end = await run(move, files, side === 'post-copy' ? [...command, '--postcopy-resume'] : command)
  } finally {
    await close()
  }
  if (here.host.planning) return resultOf('', null)
  const landed = await settle(move, id)
  if (landed === 'there') return finish(move, end.diskBytes)
  if (landed === 'here') throw end.fault ?? new Fault('internal', `guest ${id} did not move, and virsh does not say why`)
  throw new Fault('conflict', `guest ${id} is in post-copy: each host holds a part of its memory`, {
    hint: 'repeat the move: it goes on where it was cut',
    cause: end.fault,
  })
}

async function run({ here, id, order, report }: Move, files: LiveFiles, command: VirshCommand): Promise<LiveEnd> {
  if (order.maxDowntimeMs !== null) await virsh(here, [['migrate-setmaxdowntime', id, String(order.maxDowntimeMs)]])
  await startLive(here, command, files)
  return here.host.planning ? { fault: undefined, diskBytes: 0 } : followLive(here, id, files, report)
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
  await requireCpu(here, there, seen, parts[3] ?? '')
  const paths = libvirtPaths(there, id)
  const relocation = { from: here.instancesPath, to: there.instancesPath, spec }
  const serial = order.storage === 'shared' ? otherSocket(paths, serialSocket(running)) : null
  const [now, later] = [
    await placedAnew(there, relocated(running, { ...relocation, serial }), spec),
    await placedAnew(there, relocated(persistent, { ...relocation, serial: null }), spec),
  ]
  await here.host.writeFile(files.running, xmlText(now), { durable: false })
  await here.host.writeFile(files.persistent, xmlText(later), { durable: false })
  if (order.storage === 'copy') await copyReadOnly(move)
  return migrateCommand(id, order, files, disksToCopy(running, libvirtPaths(here, id).directory, order.storage))
}

/** On shared storage both processes live side by side for a moment, and the one that ends removes its socket. */
const otherSocket = (paths: LibvirtPaths, used: string | undefined) =>
  used === paths.serial ? `${paths.directory}/live.sock` : paths.serial

async function copyReadOnly({ here, there, spec }: Move): Promise<void> {
  const from = placedDisks(spec, libvirtPaths(here, spec.id))
  const to = placedDisks(spec, libvirtPaths(there, spec.id))
  for (const [index, { disk, path }] of from.entries()) {
    const target = to[index]
    if (disk.role === 'config' && target) await copyFile(here.host, path, there.host, target.path)
  }
}

/** What is left to do once the guest runs there; done again it changes nothing. */
async function finish({ here, there, id, spec, order }: Move, diskBytes: number | null): Promise<LiveResult> {
  const [from, to] = [libvirtPaths(here, id), libvirtPaths(there, id)]
  const dump: VirshCommand = ['dumpxml', id, '--inactive', '--security-info']
  const job: VirshCommand = ['domjobinfo', id, '--completed', '--keep-completed', '--rawstats']
  const { parts } = await virsh(there, [dump, job, ['dumpxml', id]], { effect: 'read', isAnswer: /./ })
  const record = await requireRecord(here, from)
  await writeGuestRecord(there, to, { ...record, spec })
  await there.host.writeFile(to.domain, parts[0]?.trim() ?? '')
  const socket = serialSocket(parseXml(parts[2]?.trim() ?? ''))
  if (order.storage === 'shared' && socket !== undefined && socket !== to.serial)
    await there.host.run(['ln', '-sfn', '--', socket, to.serial])
  await Promise.all([removeFiles(here, id), removeFiles(there, id)])
  return resultOf(parts[1] ?? '', diskBytes)
}
