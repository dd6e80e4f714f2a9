/** The guest's place on a host that it moves to, or has moved away from. */
import { Fault } from '../../core/fault.ts'
import { inOneGo } from '../../hosts/batch.ts'
import type { GuestPlace, GuestSpec, LiveOrder, StorageKind } from '../driver.ts'
import { placedDisks } from '../guest-disk.ts'
import { createDisk } from '../guest-disks.ts'
import { type GuestRecord, readGuestRecord, writeGuestRecord } from '../guest-record.ts'
import { releasePorts } from '../port-reservation.ts'
import { isSameDirectory } from '../same-directory.ts'
import { copyFile } from '../send-disks.ts'
import type { QemuContext } from './context.ts'
import { guestPaths, pathsOnHost } from './guest-paths.ts'
import { layoutOf } from './hot-device.ts'
import { type Side, sideHere, standingOf } from './live-side.ts'
import { type Qmp, withQmp } from './qmp.ts'
import { launch, requireRecord } from './start-guest.ts'
import { endProcess } from './stop-guest.ts'

const consoleBytes = 1024 ** 2

/** Whether the guest's directory here is that of the other host. */
export function sharesWith(context: QemuContext, id: string, to: GuestPlace): Promise<boolean> {
  const [here, there] = [guestPaths(context, id), guestPaths(to, id)]
  return isSameDirectory(context, { ...here, host: context.host }, { ...there, host: to.host })
}

/** Makes the directory and disks of the size that the guest's have; on shared storage they are there. */
export async function makeRoom(context: QemuContext, spec: GuestSpec, { storage }: LiveOrder): Promise<void> {
  const { host } = context
  const side = await sideHere(context, spec.id)
  await clearPlace(side)
  if (storage === 'shared') return
  await host.mkdir(side.paths.directory)
  await makeDisks(side, spec)
  await writeGuestRecord(context, side.paths, { spec, rescue: null })
}

async function makeDisks({ context, paths }: Side, spec: GuestSpec): Promise<void> {
  for (const placed of placedDisks(spec, paths)) if (placed.disk.role !== 'config') await createDisk(context, placed)
}

/** Ends a qemu that waits for a guest, or that the guest has left; `conflict` when the guest itself is there. */
async function clearPlace(side: Side): Promise<void> {
  if (side.context.host.planning) return
  const standing = await standingOf(side)
  if (standing === undefined) return
  const { host } = side.context
  const isEmpty = standing.status === 'inmigrate' || standing.status === 'postmigrate'
  if (!isEmpty) throw new Fault('conflict', `the guest in ${side.paths.directory} is ${standing.status} on host ${host.name}`)
  await endProcess(side.context, standing)
}

/** Starts the qemu that the guest moves into: the same machine, halted. What an earlier attempt copied is thrown away. */
export async function openPlace(source: Side, target: Side, spec: GuestSpec, storage: StorageKind): Promise<void> {
  const { context, paths } = target
  const wait = (record: GuestRecord) => launch(context, paths, record, ['-S', '-incoming', 'defer'])
  // The record in a shared directory is that of the guest which runs, until it has arrived.
  if (storage === 'shared') return void (await wait({ spec, rescue: null, ...(await machineOf(source)) }))
  const remake = async () => {
    if (!context.host.planning && (await context.host.stat(paths.pid))) await makeDisks(target, spec)
  }
  const recorded = async () => {
    const record = { spec, rescue: null, ...(await machineOf(source)) }
    await writeGuestRecord(context, paths, record)
    return record
  }
  const [record] = await Promise.all([recorded(), remake(), bringFiles(source, target, spec)])
  await wait(record)
}

/** In a shared directory: the guest's record is from now on the one that it has there. Done again it changes nothing. */
export async function recordArrival({ context }: Side, spec: GuestSpec): Promise<void> {
  const { paths } = await sideHere(context, spec.id)
  await writeGuestRecord(context, paths, { spec, rescue: null, ...(await machineOf({ context, paths })) })
}

/** What does not change while the guest runs, and what it said so far. */
async function bringFiles(source: Side, target: Side, spec: GuestSpec): Promise<void> {
  const [from, to] = [source, target].map(
    ({ paths }) => placedDisks(spec, paths).find(({ disk }) => disk.role === 'config')?.path,
  )
  const [said] = await Promise.all([
    source.context.host.readFile(source.paths.log, { tail: true, maxBytes: consoleBytes }),
    from !== undefined && to !== undefined ? copyFile(source.context.host, from, target.context.host, to) : undefined,
  ])
  if (said !== undefined) await target.context.host.writeFile(target.paths.log, said, { durable: false })
}

/** The versioned name, because `pc` may mean another machine to another qemu, and the places of what came later. */
async function machineOf({ context, paths }: Side): Promise<Pick<GuestRecord, 'machineType' | 'layout'>> {
  if (context.host.planning) return { machineType: (await readGuestRecord(context, paths))?.machineType }
  const ask = async (qmp: Qmp) => {
    const type = await qmp.execute('qom-get', { path: '/machine', property: 'type' })
    return { machineType: String(type).replace(/-machine$/, ''), layout: await layoutOf(qmp) }
  }
  return withQmp(context, paths.monitor, ask, { effect: 'read' })
}

/** Removes what this host has of a guest that lives elsewhere; `conflict` when it is here. In a shared directory its ports go along. */
export async function leave(context: QemuContext, id: string, storage: StorageKind): Promise<void> {
  const { host } = context
  const side = await sideHere(context, id)
  await clearPlace(side)
  if (storage === 'shared') {
    const { pid, lock, monitor, serial, agent } = pathsOnHost(side.paths, host.name)
    return inOneGo(host, async (gathered) => {
      for (const file of [pid, lock, monitor, serial, agent]) await gathered.remove(file)
    })
  }
  await host.remove(side.paths.directory)
  await releasePorts(context, id)
}

/** The record of a guest that may move. `conflict` in a rescue. */
export async function movableRecord({ context, paths }: Side) {
  const record = await requireRecord(context, paths)
  if (record.rescue === null) return record
  throw new Fault('conflict', `guest ${record.spec.id} is in rescue on host ${context.host.name}`)
}
