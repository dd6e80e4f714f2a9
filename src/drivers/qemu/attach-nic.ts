/** Network interfaces of a guest that come and go while it runs. The definition follows, so that the next start has them too. */
import { Fault } from '../../core/fault.ts'
import type { GuestNic, HotPlug } from '../driver.ts'
import { writeGuestRecord } from '../guest-record.ts'
import { portName, spareNics } from './arguments.ts'
import type { QemuContext } from './context.ts'
import { type GuestPaths, guestPaths } from './guest-paths.ts'
import { guestPid } from './guest-process.ts'
import { fieldsOf } from './json-lines.ts'
import { nicDevice, nicForward } from './nic-device.ts'
import { type Qmp, withQmp } from './qmp.ts'
import { requireRecord } from './start-guest.ts'

/** A guest that hears of it lets go in less than a second. */
const letGoMs = 30_000
const peripherals = '/machine/peripheral'
const idOf = (mac: string) => mac.replaceAll(':', '')

/** What the qemu driver does for interfaces of guests. */
export function qemuHotPlug(context: QemuContext): HotPlug {
  const { host } = context
  const runs = async (paths: GuestPaths) => !host.planning && (await guestPid(context, paths)) !== undefined
  return {
    async attachNic(id, nic) {
      const paths = guestPaths(context, id)
      const record = await requireRecord(context, paths)
      const forward = nicForward(nic)
      const { spec } = record
      if (await runs(paths)) await withQmp(context, paths.monitor, (qmp) => plugIn(qmp, spec.machine, nic, forward))
      if (spec.nics.some(({ mac }) => mac === nic.mac)) return
      await writeGuestRecord(context, paths, { ...record, spec: { ...spec, nics: [...spec.nics, nic] } })
    },
    async detachNic(id, mac) {
      const paths = guestPaths(context, id)
      const record = await requireRecord(context, paths)
      const { spec } = record
      if (await runs(paths)) await withQmp(context, paths.monitor, (qmp) => plugOut(qmp, id, mac))
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
    if (machine === 'pc') await qmp.execute('device_add', device)
    else await addToFreePort(qmp, device)
  } catch (error) {
    await qmp.execute('netdev_del', { id: netdev })
    throw error
  }
}

/** q35 takes devices into ports alone that were there when the guest was started. */
async function addToFreePort(qmp: Qmp, device: object): Promise<void> {
  for (let index = 0; index < spareNics; index += 1) {
    const added = await qmp.execute('device_add', { ...device, bus: portName(index) }).catch((error: unknown) => asRefusal(error))
    if (!(added instanceof Fault)) return
    if (/not found/.test(added.message))
      throw new Fault('unsupported', 'the guest was started without ports for more interfaces', {
        hint: 'stop and start the server, then try again',
      })
    if (!/in use|occupied|not available/.test(added.message)) throw added
  }
  throw new Fault('unsupported', `the guest has no free port: q35 has ${spareNics} for interfaces that come while it runs`, {
    hint: 'detach another one, or stop the server first',
  })
}

function asRefusal(error: unknown): Fault {
  if (error instanceof Fault && error.message.startsWith('qemu refuses')) return error
  throw error
}

async function plugOut(qmp: Qmp, guest: string, mac: string): Promise<void> {
  const found = await findNic(qmp, mac)
  if (!found) return
  const refusal = await qmp.execute('device_del', { id: found.device }).then(() => undefined, asRefusal)
  if (refusal && /not support hotplug/.test(refusal.message))
    throw new Fault('unsupported', `guest ${guest} was started with nic ${mac}: its machine takes nothing out from there`, {
      hint: 'stop the server first',
    })
  if (refusal && !/process of unplug/.test(refusal.message)) throw refusal
  await deviceDeleted(qmp, found.device).catch((error: unknown) => {
    if (!(error instanceof Fault) || error.kind !== 'timeout') throw error
    throw new Fault('timeout', `guest ${guest} did not let go of nic ${mac} within ${letGoMs} ms`, {
      hint: 'one that boots does not hear it: try again later, or stop the server first',
      cause: error,
    })
  })
  await qmp.execute('netdev_del', { id: found.netdev })
}

async function deviceDeleted(qmp: Qmp, device: string): Promise<void> {
  for (;;) {
    const event = await qmp.event(['DEVICE_DELETED'], letGoMs)
    if (fieldsOf(event.get('data'))?.get('device') === device) return
  }
}

/** The nic of that address, by what qemu was told and not by what the guest made of it. */
async function findNic(qmp: Qmp, mac: string): Promise<{ readonly device: string; readonly netdev: string } | undefined> {
  const listed = await qmp.execute('qom-list', { path: peripherals })
  const names = Array.isArray(listed) ? listed.map((one) => String(fieldsOf(one)?.get('name'))) : []
  for (const device of names.filter((name) => name.startsWith('nic'))) {
    const get = (property: string) => qmp.execute('qom-get', { path: `${peripherals}/${device}`, property })
    if ((await get('mac')) === mac) return { device, netdev: String(await get('netdev')) }
  }
  return undefined
}
