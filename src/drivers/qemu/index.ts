/** Guests as plain qemu processes, driven through their monitor sockets. No daemon and no record but what lies on the host. */
import { Fault } from '../../core/fault.ts'
import { consoleLog } from '../console-log.ts'
import type { Driver, ForeignDomains } from '../driver.ts'
import { createDisks, recreateRootDisk } from '../guest-disks.ts'
import { replaceSpec } from '../guest-record.ts'
import { cacheImage, removeCached } from '../image-cache.ts'
import { releasePorts, reservePort } from '../port-reservation.ts'
import { survey } from '../survey.ts'
import { tidy } from '../tidy.ts'
import { writeConfigDrive } from '../write-config-drive.ts'
import { qemuDiskPlug } from './attach-disk.ts'
import { qemuNicPlug } from './attach-nic.ts'
import { awaitGuestEnd } from './await-change.ts'
import type { QemuContext } from './context.ts'
import { diagnostics } from './diagnostics.ts'
import { setPassword } from './guest-agent.ts'
import { type GuestPaths, guestPaths } from './guest-paths.ts'
import { guestProcess } from './guest-process.ts'
import { hostInventory } from './inventory.ts'
import { qemuMoves } from './move-guest.ts'
import { qemuLiveMoves } from './move-live.ts'
import { inspectGuest, listGuests } from './power-state.ts'
import { withQmp } from './qmp.ts'
import { rebootGuest } from './reboot-guest.ts'
import { rescueGuest, unrescueGuest } from './rescue-guest.ts'
import { qemuSnapshots } from './snapshot-guest.ts'
import { bootGuest, requireRecord, spawnGuest } from './start-guest.ts'
import { destroyGuest, stopGuest } from './stop-guest.ts'
import { resumeGuest, suspendGuest } from './suspend-guest.ts'

/** Everything a driver may do but show a screen: guests have none. */
export type QemuDriver = Driver & Required<Omit<Driver, 'vncAddress' | 'hostCpu' | 'cpuBaseline' | keyof ForeignDomains>>

/** The qemu driver of one host. */
export function qemuDriver(context: QemuContext): QemuDriver {
  const at = (id: string) => guestPaths(context, id)
  return {
    inventory: () => hostInventory(context),
    list: () => listGuests(context),
    inspect: (id) => inspectGuest(context, id),
    spawn: (spec) => spawnGuest(context, at(spec.id), { spec, rescue: null }),
    async destroy(id) {
      await destroyGuest(context, at(id), id)
      await releasePorts(context, id)
    },
    start: async (id) => bootGuest(context, at(id), await requireRecord(context, at(id))),
    async stop(id, { timeoutMs }) {
      await requireRecord(context, at(id))
      return stopGuest(context, at(id), timeoutMs)
    },
    reboot: (id, options) => rebootGuest(context, at(id), options),
    cacheImage: (image, file, onProgress) => cacheImage(context, image, file, onProgress),
    createDisks: (spec) => createDisks(context, at(spec.id), spec),
    async recreateRootDisk(spec) {
      await context.host.remove(at(spec.id).suspended)
      await recreateRootDisk(context, at(spec.id), spec)
      await replaceSpec(context, at(spec.id), spec)
    },
    async createConfigDrive(id, files) {
      await writeConfigDrive(context.host, at(id).directory, files)
    },
    pause: (id) => command(context, at(id), id, 'stop'),
    unpause: (id) => command(context, at(id), id, 'cont'),
    suspend: (id) => suspendGuest(context, at(id)),
    resume: (id) => resumeGuest(context, at(id)),
    rescue: (id, image) => rescueGuest(context, at(id), image),
    unrescue: (id) => unrescueGuest(context, at(id)),
    async consoleLog(id, bytes) {
      await requireRecord(context, at(id))
      return consoleLog(context, at(id), bytes)
    },
    consoleSocket: async (id) => (await requireProcess(context, at(id), id)).serial,
    async diagnostics(id) {
      const record = await requireRecord(context, at(id))
      const state = await inspectGuest(context, id)
      return diagnostics(context, at(id), record, state ?? { id, powerState: 'shutdown', detail: '' })
    },
    async setPassword(id, user, password) {
      await setPassword(context, await requireProcess(context, at(id), id), user, password)
    },
    ...qemuMoves(context),
    ...qemuLiveMoves(context),
    ...qemuSnapshots(context),
    ...qemuNicPlug(context),
    ...qemuDiskPlug(context),
    reservePort: (id) => reservePort(context, id),
    survey: (options) => survey(context, options),
    tidy: (orders) => tidy(context, orders),
    awaitChange: (timeoutMs, signal) => awaitGuestEnd(context, timeoutMs, signal),
    removeCached: (digests, unusedForSeconds) => removeCached(context, digests, unusedForSeconds),
  }
}

/** Sends a command of the monitor that takes nothing and may be repeated. */
async function command(context: QemuContext, paths: GuestPaths, id: string, name: 'stop' | 'cont'): Promise<void> {
  if (context.host.planning) return
  const { monitor } = await requireProcess(context, paths, id)
  await withQmp(context, monitor, (qmp) => qmp.execute(name))
}

/** The names that its process goes by. */
async function requireProcess(context: QemuContext, paths: GuestPaths, id: string): Promise<GuestPaths> {
  await requireRecord(context, paths)
  const found = await guestProcess(context, paths)
  if (found) return found.paths
  throw new Fault('conflict', `guest ${id} does not run`)
}
