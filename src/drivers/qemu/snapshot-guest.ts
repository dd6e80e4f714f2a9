/**
 * Images of root disks. Of a running guest by a backup job of qemu: the copy is the disk of the moment at which the job began,
 * however long it takes. The monitor is asked again and again and not held, because qemu serves one client at a time.
 */
import { Fault } from '../../core/fault.ts'
import type { SnapshotOptions, Snapshots } from '../driver.ts'
import type { PlacedDisk } from '../guest-disk.ts'
import { createEmpty, info } from '../qemu-img.ts'
import { snapshotFile, takeSnapshot } from '../snapshot-disk.ts'
import type { QemuContext } from './context.ts'
import { type GuestPaths, guestPaths } from './guest-paths.ts'
import { livingProcess } from './guest-process.ts'
import { fieldsOf, type Message } from './json-lines.ts'
import { type Qmp, withQmp } from './qmp.ts'
import { requireRecord } from './start-guest.ts'

const job = 'nova-snapshot'
const node = 'snapshot'
const cancelMs = 60_000

/** What the qemu driver does for images of guests. */
export function qemuSnapshots(context: QemuContext): Snapshots {
  const at = (id: string) => guestPaths(context, id)
  return {
    async snapshot(id, localPath, options, onProgress) {
      const paths = at(id)
      const record = await requireRecord(context, paths)
      const found = await livingProcess(context, paths)
      const copyLive = found
        ? (root: PlacedDisk, target: string) => backUp(context, found.paths, { root, target, options })
        : undefined
      return takeSnapshot(context, { record, paths, localPath, copyLive, drop: () => drop(at(id)), onProgress })
    },
    dropSnapshot: (id) => drop(at(id)),
  }

  async function drop(paths: GuestPaths): Promise<void> {
    const found = await livingProcess(context, paths)
    if (found) await endBackUp(context, found.paths)
    await context.host.remove(snapshotFile(paths))
  }
}

interface BackUp {
  readonly root: PlacedDisk
  readonly target: string
  readonly options: SnapshotOptions
}

async function backUp(context: QemuContext, paths: GuestPaths, { root, target, options }: BackUp): Promise<void> {
  const { virtualBytes } = await info(context.host, root)
  await createEmpty(context.host, { target, format: 'qcow2', bytes: virtualBytes })
  await withQmp(context, paths.monitor, async (qmp) => {
    await qmp.execute('blockdev-add', { driver: 'qcow2', 'node-name': node, file: { driver: 'file', filename: target } })
    const order = { 'job-id': job, device: root.node, target: node, sync: 'full', 'auto-dismiss': false }
    await qmp.execute('blockdev-backup', order)
  })
  const ended = await end(context, paths, options.deadlineMs)
  if (ended.has('error')) throw new Fault('internal', `qemu failed to copy the disk: ${String(ended.get('error')).slice(0, 500)}`)
  // Only now is everything in the file.
  await endBackUp(context, paths)
}

/** Waits until the job has nothing more to do. */
async function end(context: QemuContext, paths: GuestPaths, deadlineMs: number): Promise<Message> {
  const { clock, host } = context
  const until = clock.monotonic() + deadlineMs
  for (let pause = 20; ; pause = Math.min(pause * 2, 1000)) {
    const found = await withQmp(context, paths.monitor, findJob)
    if (!found) throw new Fault('conflict', `host ${host.name}: somebody ended the copy of the disk in ${paths.directory}`)
    if (found.get('status') === 'concluded') return found
    if (clock.monotonic() >= until)
      throw new Fault('timeout', `host ${host.name}: the copy of the disk in ${paths.directory} took over ${deadlineMs} ms`)
    await clock.sleep(pause)
  }
}

/** Ends the job, whatever it does, and closes its file; nothing happens when there is none. */
async function endBackUp(context: QemuContext, paths: GuestPaths): Promise<void> {
  const isUnderWay = await withQmp(context, paths.monitor, async (qmp) => {
    const found = await findJob(qmp)
    if (found && found.get('status') !== 'concluded') await qmp.execute('job-cancel', { id: job })
    return found !== undefined
  })
  if (isUnderWay) await end(context, paths, cancelMs)
  await withQmp(context, paths.monitor, async (qmp) => {
    if (isUnderWay) await qmp.execute('job-dismiss', { id: job })
    if (await hasNode(qmp)) await qmp.execute('blockdev-del', { 'node-name': node })
  })
}

async function findJob(qmp: Qmp): Promise<Message | undefined> {
  const jobs = await qmp.execute('query-jobs')
  return Array.isArray(jobs) ? jobs.map(fieldsOf).find((one) => one?.get('id') === job) : undefined
}

async function hasNode(qmp: Qmp): Promise<boolean> {
  const nodes = await qmp.execute('query-named-block-nodes', { flat: true })
  return Array.isArray(nodes) && nodes.map(fieldsOf).some((one) => one?.get('node-name') === node)
}
