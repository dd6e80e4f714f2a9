/** Network interfaces of a guest that come and go: the running domain, the definition that libvirt keeps, and our own. */
import { Fault } from '../../core/fault.ts'
import type { HotPlug } from '../driver.ts'
import type { DriverContext } from '../driver-context.ts'
import { writeGuestRecord } from '../guest-record.ts'
import { plainHardware } from '../plain-hardware.ts'
import { refuseAdopted } from './adopted-guest.ts'
import { nicElement } from './domain-devices.ts'
import { type LibvirtPaths, libvirtPaths } from './guest-paths.ts'
import { isActive } from './look.ts'
import { childrenOf, find, parseXml } from './parse-xml.ts'
import { requireDomain, requireRecord } from './start-guest.ts'
import { virsh } from './virsh.ts'
import { type XmlElement, xmlText } from './xml.ts'

const deviceFile = 'nic.xml'
/** A guest that hears of it lets go in less than a second. */
const letGoMs = 30_000
type Side = '--live' | '--config'

/** What the libvirt driver does for interfaces of guests. */
export function libvirtHotPlug(context: DriverContext): HotPlug {
  return {
    async attachNic(id, nic) {
      const paths = libvirtPaths(context, id)
      await refuseAdopted(context, paths, id)
      const record = await requireRecord(context, paths)
      const { spec } = record
      const wanted = nicElement(nic, spec, spec.hardware ?? plainHardware)
      for (const side of await sidesOf(context, id))
        if (!(await nicOn(context, id, nic.mac, side)))
          await change(context, paths, { id, verb: 'attach-device', nic: wanted, side })
      if (spec.nics.some(({ mac }) => mac === nic.mac)) return
      await writeGuestRecord(context, paths, { ...record, spec: { ...spec, nics: [...spec.nics, nic] } })
    },
    async detachNic(id, mac) {
      const paths = libvirtPaths(context, id)
      await refuseAdopted(context, paths, id)
      const record = await requireRecord(context, paths)
      const { spec } = record
      for (const side of await sidesOf(context, id)) {
        const nic = await nicOn(context, id, mac, side)
        if (!nic) continue
        await change(context, paths, { id, verb: 'detach-device', nic, side })
        // libvirt only asks the guest: it keeps the nic until the guest lets go.
        if (side === '--live' && !context.host.planning) await gone(context, id, mac)
      }
      if (!spec.nics.some((nic) => nic.mac === mac)) return
      await writeGuestRecord(context, paths, { ...record, spec: { ...spec, nics: spec.nics.filter((nic) => nic.mac !== mac) } })
    },
  }
}

/** The running domain first: what it refuses must not come back with its next start. */
async function sidesOf(context: DriverContext, id: string): Promise<readonly Side[]> {
  return isActive(await requireDomain(context, id)) ? ['--live', '--config'] : ['--config']
}

async function nicOn(context: DriverContext, id: string, mac: string, side: Side): Promise<XmlElement | undefined> {
  const inactive = side === '--config' ? ['--inactive'] : []
  const { parts } = await virsh(context, [['dumpxml', id, ...inactive]], { effect: 'read' })
  const nics = childrenOf(find(parseXml(parts[0] ?? ''), 'devices'), 'interface')
  return nics.find((nic) => find(nic, 'mac')?.attributes.get('address') === mac)
}

interface Change {
  readonly id: string
  readonly verb: 'attach-device' | 'detach-device'
  readonly nic: XmlElement
  readonly side: Side
}

async function change(context: DriverContext, paths: LibvirtPaths, { id, verb, nic, side }: Change): Promise<void> {
  const { host } = context
  await host.writeFile(`${paths.directory}/${deviceFile}`, xmlText(nic))
  try {
    await virsh(context, [[verb, id, deviceFile, side]], { directory: paths.directory })
  } catch (error) {
    throw error instanceof Fault && /no more available PCI slots/i.test(error.message) ? noPort(id, error) : error
  } finally {
    await host.remove(`${paths.directory}/${deviceFile}`)
  }
}

const noPort = (id: string, cause: Fault) =>
  new Fault('unsupported', `guest ${id} has no free port for another interface while it runs`, {
    hint: 'detach another one, or stop the server first',
    cause,
  })

async function gone(context: DriverContext, id: string, mac: string): Promise<void> {
  const { clock } = context
  const until = clock.monotonic() + letGoMs
  for (let pause = 50; await nicOn(context, id, mac, '--live'); pause = Math.min(pause * 2, 1000)) {
    if (clock.monotonic() >= until)
      throw new Fault('timeout', `guest ${id} did not let go of nic ${mac} within ${letGoMs} ms`, {
        hint: 'one that boots does not hear it: try again later, or stop the server first',
      })
    await clock.sleep(pause)
  }
}
