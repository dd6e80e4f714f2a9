/** Network interfaces of a guest that come and go while it runs. The definition follows, so that the next start has them too. */
import type { GuestNic, NicPlug } from '../driver.ts'
import { writeGuestRecord } from '../guest-record.ts'
import type { QemuContext } from './context.ts'
import { type GuestPaths, guestPaths } from './guest-paths.ts'
import { livingProcess } from './guest-process.ts'
import { addDevice, deviceNames, propertyOf, removeDevice } from './hot-device.ts'
import { nicDevice, nicForward } from './nic-device.ts'
import { type Qmp, withQmp } from './qmp.ts'
import { requireRecord } from './start-guest.ts'

const idOf = (mac: string) => mac.replaceAll(':', '')

/** What the qemu driver does for interfaces of guests. */
export function qemuNicPlug(context: QemuContext): NicPlug {
  /** Where the guest runs, and not in a plan. */
  const ifRunning = async (paths: GuestPaths, use: (qmp: Qmp) => Promise<void>) => {
    const found = await livingProcess(context, paths)
    if (found) await withQmp(context, found.paths.monitor, use)
  }
  return {
    async attachNic(id, nic) {
      const paths = guestPaths(context, id)
      const record = await requireRecord(context, paths)
      const forward = nicForward(nic)
      const { spec } = record
      await ifRunning(paths, (qmp) => plugIn(qmp, spec.machine, nic, forward))
      if (spec.nics.some(({ mac }) => mac === nic.mac)) return
      await writeGuestRecord(context, paths, { ...record, spec: { ...spec, nics: [...spec.nics, nic] } })
    },
    async detachNic(id, mac) {
      const paths = guestPaths(context, id)
      const record = await requireRecord(context, paths)
      const { spec } = record
      await ifRunning(paths, (qmp) => plugOut(qmp, id, mac))
      if (!spec.nics.some((nic) => nic.mac === mac)) return
      await writeGuestRecord(context, paths, { ...record, spec: { ...spec, nics: spec.nics.filter((nic) => nic.mac !== mac) } })
    },
  }
}

async function plugIn(qmp: Qmp, machine: 'pc' | 'q35', nic: GuestNic, hostfwd: string | null): Promise<void> {
  if (await findNic(qmp, nic.mac)) return
  const netdev = `net-${idOf(nic.mac)}`
  // One that an earlier call left without its device.
  await qmp.execute('netdev_del', { id: netdev }).catch(() => undefined)
  await qmp.execute('netdev_add', { type: 'user', id: netdev, ...(hostfwd === null ? {} : { hostfwd: [{ str: hostfwd }] }) })
  const device = { driver: nicDevice(nic), id: `nic-${idOf(nic.mac)}`, netdev, mac: nic.mac, romfile: '' }
  try {
    await addDevice(qmp, machine, device)
  } catch (error) {
    await qmp.execute('netdev_del', { id: netdev })
    throw error
  }
}

async function plugOut(qmp: Qmp, guest: string, mac: string): Promise<void> {
  const found = await findNic(qmp, mac)
  if (!found) return
  await removeDevice(qmp, { guest, device: found.device, what: `nic ${mac}` })
  await qmp.execute('netdev_del', { id: found.netdev })
}

/** The nic of that address, by what qemu was told and not by what the guest made of it. */
async function findNic(qmp: Qmp, mac: string): Promise<{ readonly device: string; readonly netdev: string } | undefined> {
  const names = await deviceNames(qmp)
  for (const device of names.filter((name) => name.startsWith('nic')))
    if ((await propertyOf(qmp, device, 'mac')) === mac) return { device, netdev: String(await propertyOf(qmp, device, 'netdev')) }
  return undefined
}
