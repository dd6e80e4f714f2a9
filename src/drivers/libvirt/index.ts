/** Guests as domains of the host's libvirt, driven through virsh. */
import type { Driver } from '../driver.ts'
import type { DriverContext } from '../driver-context.ts'
import { createDisks, recreateRootDisk } from '../guest-disks.ts'
import { replaceSpec } from '../guest-record.ts'
import { cacheImage, removeCached } from '../image-cache.ts'
import { survey } from '../survey.ts'
import { tidy } from '../tidy.ts'
import { writeConfigDrive } from '../write-config-drive.ts'
import { adoptDomain, releaseDomain } from './adopt-domain.ts'
import { guestConsoleLog, guestConsoleSocket, refuseAdopted } from './adopted-guest.ts'
import { libvirtDiskPlug } from './attach-disk.ts'
import { libvirtNicPlug } from './attach-nic.ts'
import { awaitDomainEvent } from './await-change.ts'
import { cpuBaseline, hostCpu } from './cpu-baseline.ts'
import { releaseCpus } from './cpu-reservation.ts'
import { diagnostics } from './diagnostics.ts'
import { foreignDomains } from './foreign-domains.ts'
import { setPassword } from './guest-agent.ts'
import { libvirtPaths } from './guest-paths.ts'
import { hostInventory } from './inventory.ts'
import { libvirtLive } from './live-guest.ts'
import { lookAt } from './look.ts'
import { libvirtMoves } from './move-guest.ts'
import { inspectGuest, listGuests } from './power-state.ts'
import { rebootGuest } from './reboot-guest.ts'
import { rescueGuest, unrescueGuest } from './rescue-guest.ts'
import { libvirtSnapshots } from './snapshot-guest.ts'
import { bootGuest, redefine, spawnGuest } from './start-guest.ts'
import { destroyGuest, stopGuest } from './stop-guest.ts'
import { pauseGuest, requireActive, resumeGuest, suspendGuest, unpauseGuest } from './suspend-guest.ts'
import { virsh } from './virsh.ts'
import { vncAddress } from './vnc-address.ts'

/** Everything a driver may do but forward a port to one: libvirt's user-mode network has none. */
export type LibvirtDriver = Driver & Required<Omit<Driver, 'reservePort'>>

/** The libvirt driver of one host. */
export function libvirtDriver(context: DriverContext): LibvirtDriver {
  const at = (id: string) => libvirtPaths(context, id)
  return {
    inventory: () => hostInventory(context),
    list: () => listGuests(context),
    inspect: (id) => inspectGuest(context, id),
    spawn: (spec) => spawnGuest(context, at(spec.id), spec),
    async destroy(id) {
      await destroyGuest(context, at(id), id)
      await releaseCpus(context, id)
    },
    start: (id) => bootGuest(context, at(id), id),
    stop: (id, { timeoutMs }) => stopGuest(context, at(id), id, timeoutMs),
    reboot: (id, options) => rebootGuest(context, at(id), id, options),
    cacheImage: (image, file, onProgress) => cacheImage(context, image, file, onProgress),
    createDisks: (spec) => createDisks(context, at(spec.id), spec),
    async recreateRootDisk(spec) {
      await refuseAdopted(context, at(spec.id), spec.id)
      if ((await lookAt(context, spec.id))?.isSaved) await virsh(context, [['managedsave-remove', spec.id]])
      await recreateRootDisk(context, at(spec.id), spec)
      const record = await replaceSpec(context, at(spec.id), spec)
      if (record) await redefine(context, at(spec.id), record, false)
    },
    async createConfigDrive(id, files) {
      await writeConfigDrive(context.host, at(id).directory, files)
    },
    pause: (id) => pauseGuest(context, id),
    unpause: (id) => unpauseGuest(context, id),
    suspend: (id) => suspendGuest(context, id),
    resume: (id) => resumeGuest(context, at(id), id),
    rescue: (id, image) => rescueGuest(context, at(id), image),
    unrescue: (id) => unrescueGuest(context, at(id)),
    consoleLog: (id, bytes) => guestConsoleLog(context, at(id), bytes),
    async consoleSocket(id) {
      await requireActive(context, id)
      return guestConsoleSocket(context, at(id))
    },
    diagnostics: (id) => diagnostics(context, at(id), id),
    async setPassword(id, user, password) {
      await requireActive(context, id)
      await setPassword(context, id, user, password)
    },
    vncAddress: (id) => vncAddress(context, id),
    awaitChange: (timeoutMs, signal) => awaitDomainEvent(context, timeoutMs, signal),
    ...libvirtSnapshots(context),
    ...libvirtNicPlug(context),
    ...libvirtDiskPlug(context),
    foreignDomains: () => foreignDomains(context),
    adoptDomain: (id) => adoptDomain(context, at(id), id),
    releaseDomain: (id, options) => releaseDomain(context, at(id), id, options),
    hostCpu: () => hostCpu(context),
    cpuBaseline: (cpus) => cpuBaseline(context, cpus),
    survey: (options) => survey(context, options),
    tidy: (orders) => tidy(context, orders),
    removeCached: (digests, unusedForSeconds) => removeCached(context, digests, unusedForSeconds),
    ...libvirtMoves(context),
    ...libvirtLive(context),
  } satisfies Driver
}
