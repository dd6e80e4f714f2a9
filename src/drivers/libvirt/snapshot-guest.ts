/**
 * Images of root disks. Of a running guest by a backup job of libvirt in push mode: the copy is the disk of the moment at which
 * the job began. Nothing is ever committed: the image below the disk is shared with other guests.
 */
import { Fault } from '../../core/fault.ts'
import type { Snapshots } from '../driver.ts'
import type { DriverContext } from '../driver-context.ts'
import type { PlacedDisk } from '../guest-disk.ts'
import type { GuestRecord } from '../guest-record.ts'
import { snapshotFile, takeSnapshot } from '../snapshot-disk.ts'
import { refuseAdopted } from './adopted-guest.ts'
import { diskTarget } from './domain-disks.ts'
import { type LibvirtPaths, libvirtPaths } from './guest-paths.ts'
import { isActive, lookAt } from './look.ts'
import { requireRecord } from './start-guest.ts'
import { virsh } from './virsh.ts'
import { element, xmlText } from './xml.ts'

const orderFile = 'snapshot.xml'
const abortMs = 60_000
const noJob = /no domain backup job present|domain is not running|failed to get domain|no job is active/i

/** What the libvirt driver does for images of guests. */
export function libvirtSnapshots(context: DriverContext): Snapshots {
  const at = (id: string) => libvirtPaths(context, id)
  return {
    async snapshot(id, localPath, { deadlineMs }, onProgress) {
      const paths = at(id)
      await refuseAdopted(context, paths, id)
      const record = await requireRecord(context, paths)
      const domain = await lookAt(context, id)
      const isLive = domain !== undefined && isActive(domain)
      const copyLive = isLive
        ? (root: PlacedDisk, target: string) => backUp(context, paths, { record, root, target, deadlineMs })
        : undefined
      return takeSnapshot(context, { record, paths, localPath, copyLive, drop: () => drop(context, paths, id), onProgress })
    },
    dropSnapshot: (id) => drop(context, at(id), id),
  }
}

interface BackUp {
  readonly record: GuestRecord
  readonly root: PlacedDisk
  readonly target: string
  readonly deadlineMs: number
}

async function backUp(context: DriverContext, paths: LibvirtPaths, { record, root, target, deadlineMs }: BackUp): Promise<void> {
  const { host } = context
  const { id } = record.spec
  const disk = element('disk', { name: diskTarget(record.spec, paths, root), type: 'file', backup: true }, [
    element('driver', { type: 'qcow2' }),
    element('target', { file: target }),
  ])
  const order = element('domainbackup', { mode: 'push' }, [element('disks', {}, [disk])])
  await host.writeFile(`${paths.directory}/${orderFile}`, xmlText(order))
  await virsh(context, [['backup-begin', id, '--backupxml', orderFile]], { directory: paths.directory })
  await host.remove(`${paths.directory}/${orderFile}`)
  if (host.planning) return
  await ended(context, id, deadlineMs)
  const { parts } = await virsh(context, [['domjobinfo', id, '--completed', '--rawstats']], { effect: 'read' })
  const job = parts.join('')
  if (/^\s*success:\s*1\s*$/m.test(job)) return
  const words = /^\s*errmsg:\s*(.*)$/m.exec(job)?.[1] ?? 'it does not say why'
  throw new Fault('internal', `host ${host.name}: libvirt failed to copy the disk of guest ${id}: ${words.slice(0, 500)}`)
}

/** Waits until no backup job of the guest is under way. */
async function ended(context: DriverContext, id: string, deadlineMs: number): Promise<void> {
  const { clock, host } = context
  const until = clock.monotonic() + deadlineMs
  for (let pause = 50; await isBackingUp(context, id); pause = Math.min(pause * 2, 1000)) {
    if (clock.monotonic() >= until)
      throw new Fault('timeout', `host ${host.name}: the copy of the disk of guest ${id} took over ${deadlineMs} ms`)
    await clock.sleep(pause)
  }
}

async function isBackingUp(context: DriverContext, id: string): Promise<boolean> {
  const { refusals } = await virsh(context, [['backup-dumpxml', id]], { effect: 'read', isAnswer: noJob })
  return refusals.length === 0
}

/** Ends the backup job, if there is one, and removes its files. */
async function drop(context: DriverContext, paths: LibvirtPaths, id: string): Promise<void> {
  const { host } = context
  if (!host.planning && (await isBackingUp(context, id))) {
    await virsh(context, [['domjobabort', id]], { isAnswer: noJob })
    await ended(context, id, abortMs)
  }
  await host.remove(`${paths.directory}/${orderFile}`)
  await host.remove(snapshotFile(paths))
}
