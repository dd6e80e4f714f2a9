/** Devices that come into a running guest and go out of it, in qemu's words. */
import { Fault } from '../../core/fault.ts'
import type { DeviceLayout } from '../guest-record.ts'
import { fieldsOf } from './json-lines.ts'
import { portName } from './late-devices.ts'
import type { Qmp } from './qmp.ts'

/** A guest that hears of it lets go in less than a second. */
const letGoMs = 30_000
const peripherals = '/machine/peripheral'

/** Names of everything that has one in the guest. */
export async function deviceNames(qmp: Qmp): Promise<string[]> {
  const listed = await qmp.execute('qom-list', { path: peripherals })
  return Array.isArray(listed) ? listed.map((one) => String(fieldsOf(one)?.get('name'))) : []
}

/** What qemu was told of a device, not what the guest made of it. */
export const propertyOf = (qmp: Qmp, device: string, property: string): Promise<unknown> =>
  qmp.execute('qom-get', { path: `${peripherals}/${device}`, property })

/** Adds a device. `unsupported` when the guest has no place for it while it runs. */
export async function addDevice(qmp: Qmp, machine: 'pc' | 'q35', device: object): Promise<void> {
  if (machine === 'pc') await qmp.execute('device_add', device)
  else await addToFreePort(qmp, device)
}

/** q35 takes devices into ports alone that were there when the guest was started. */
async function addToFreePort(qmp: Qmp, device: object): Promise<void> {
  for (let index = 0; ; index += 1) {
    // A port has one place; qemu would put the next device beside it, where no guest ever looks.
    const place = { bus: portName(index), addr: '0' }
    const added = await qmp.execute('device_add', { ...device, ...place }).catch(asRefusal)
    if (!(added instanceof Fault)) return
    if (/not found/.test(added.message)) throw noPort(index)
    if (!/in use|occupied|not available/.test(added.message)) throw added
  }
}

function noPort(count: number): Fault {
  if (count === 0)
    return new Fault('unsupported', 'the guest was started without ports for more devices', {
      hint: 'stop and start the server, then try again',
    })
  return new Fault('unsupported', `the guest has no free port: it was started with ${count} for devices that come later`, {
    hint: 'detach another one, or stop the server first',
  })
}

function asRefusal(error: unknown): Fault {
  if (error instanceof Fault && error.message.startsWith('qemu refuses')) return error
  throw error
}

/** What is taken out of which guest; `what` names it for people. */
export interface Unplug {
  readonly guest: string
  readonly device: string
  readonly what: string
}

/** Asks the guest to let go of a device and waits until it did. `timeout` when it does not: then it still has it. */
export async function removeDevice(qmp: Qmp, { guest, device, what }: Unplug): Promise<void> {
  const refusal = await qmp.execute('device_del', { id: device }).then(() => undefined, asRefusal)
  if (refusal && /not support hotplug/.test(refusal.message))
    throw new Fault('unsupported', `guest ${guest} was started with ${what}: its machine takes nothing out from there`, {
      hint: 'stop the server first',
    })
  if (refusal && !/process of unplug/.test(refusal.message)) throw refusal
  await deviceDeleted(qmp, device).catch((error: unknown) => {
    if (!(error instanceof Fault) || error.kind !== 'timeout') throw error
    throw new Fault('timeout', `guest ${guest} did not let go of ${what} within ${letGoMs} ms`, {
      hint: 'one that boots does not hear it: try again later, or stop the server first',
      cause: error,
    })
  })
}

async function deviceDeleted(qmp: Qmp, device: string): Promise<void> {
  for (;;) {
    const event = await qmp.event(['DEVICE_DELETED'], letGoMs)
    if (fieldsOf(event.get('data'))?.get('device') === device) return
  }
}

/** Where a running guest has its late devices: memory of it can only be read back by one that has them there too. */
export async function layoutOf(qmp: Qmp): Promise<DeviceLayout> {
  const names = await deviceNames(qmp)
  const places = []
  for (const name of names) {
    const property = name.startsWith('nic') ? 'mac' : name.startsWith('disk-extra-') ? 'serial' : undefined
    if (property === undefined) continue
    const [key, bus, slot] = [
      await propertyOf(qmp, name, property),
      await propertyOf(qmp, name, 'parent_bus'),
      await propertyOf(qmp, name, 'addr'),
    ]
    places.push({ key: String(key), bus: String(bus).replace(/^.*\//, ''), address: addressOf(slot) })
  }
  return { ports: names.filter((name) => /^spare\d+$/.test(name)).length, places }
}

/** qemu's number of a slot and its function. */
const addressOf = (slot: unknown): string => (typeof slot === 'number' ? `${(slot >> 3).toString(16)}.${slot & 7}` : String(slot))
