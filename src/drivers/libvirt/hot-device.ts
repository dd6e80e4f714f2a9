/** Devices that come into a domain and go out of it: the running one first, then the definition that libvirt keeps. */
import { Fault } from '../../core/fault.ts'
import type { DriverContext } from '../driver-context.ts'
import type { LibvirtPaths } from './guest-paths.ts'
import { isActive } from './look.ts'
import { find, parseXml } from './parse-xml.ts'
import { requireDomain } from './start-guest.ts'
import { virsh } from './virsh.ts'
import { type XmlElement, xmlText } from './xml.ts'

const deviceFile = 'device.xml'
/** A guest that hears of it lets go in less than a second. */
const letGoMs = 30_000
type Side = '--live' | '--config'

/** A device of a guest as it is known by itself; `what` names it for people. */
export interface Known {
  readonly id: string
  readonly what: string
  is(device: XmlElement): boolean
}

/** Plugs a device in where the guest lacks it; `make` sees what is plugged into the domain, running and defined. */
export async function plugIn(
  context: DriverContext,
  paths: LibvirtPaths,
  known: Known,
  make: (devices: readonly XmlElement[]) => XmlElement,
): Promise<void> {
  for (const side of await sidesOf(context, known.id)) {
    const devices = await devicesOf(context, known.id)
    if (devices[side].some(known.is)) continue
    const all = [...devices['--live'], ...devices['--config']]
    const order = { id: known.id, verb: 'attach-device', side } as const
    const running = all.find(known.is)
    // At its next start the guest finds it where it has it now, unless something else is to be there.
    if (!running) await change(context, paths, { ...order, device: make(all) })
    else
      await change(context, paths, { ...order, device: running }).catch((error: unknown) => {
        if (!(error instanceof Fault && /PCI address/i.test(error.message))) throw error
        return change(context, paths, { ...order, device: make(all) })
      })
    if (!context.host.planning && !(await devicesOf(context, known.id))[side].some(known.is))
      throw new Fault('internal', `host ${context.host.name}: libvirt took ${known.what} and does not have it`)
  }
}

/** Takes a device out, wherever it is. A running guest must let go of it: `timeout` when it does not. */
export async function plugOut(context: DriverContext, paths: LibvirtPaths, known: Known): Promise<void> {
  for (const side of await sidesOf(context, known.id)) {
    const device = (await devicesOf(context, known.id))[side].find(known.is)
    if (!device) continue
    await change(context, paths, { id: known.id, verb: 'detach-device', device, side })
    // libvirt only asks the guest: it keeps the device until the guest lets go.
    if (side === '--live' && !context.host.planning) await gone(context, known)
  }
}

/** The running domain first: what it refuses must not come back with its next start. */
async function sidesOf(context: DriverContext, id: string): Promise<readonly Side[]> {
  return isActive(await requireDomain(context, id)) ? ['--live', '--config'] : ['--config']
}

/** What is plugged into the domain as it runs, and as it will be started. */
async function devicesOf(context: DriverContext, id: string): Promise<Readonly<Record<Side, readonly XmlElement[]>>> {
  const commands = [
    ['dumpxml', id],
    ['dumpxml', id, '--inactive'],
  ] as const
  const { parts } = await virsh(context, commands, { effect: 'read' })
  const [live = [], config = []] = parts.map((xml) => find(parseXml(xml.trim()), 'devices')?.children ?? [])
  return { '--live': live, '--config': config }
}

interface Change {
  readonly id: string
  readonly verb: 'attach-device' | 'detach-device'
  readonly device: XmlElement
  readonly side: Side
}

async function change(context: DriverContext, paths: LibvirtPaths, { id, verb, device, side }: Change): Promise<void> {
  const { host } = context
  await host.writeFile(`${paths.directory}/${deviceFile}`, xmlText(device))
  try {
    await virsh(context, [[verb, id, deviceFile, side]], { directory: paths.directory })
  } catch (error) {
    throw error instanceof Fault && /no more available PCI slots/i.test(error.message) ? noPort(id, error) : error
  } finally {
    await host.remove(`${paths.directory}/${deviceFile}`)
  }
}

const noPort = (id: string, cause: Fault) =>
  new Fault('unsupported', `guest ${id} has no free port for another device while it runs`, {
    hint: 'detach another one, or stop the server first',
    cause,
  })

async function gone(context: DriverContext, known: Known): Promise<void> {
  const { clock } = context
  const until = clock.monotonic() + letGoMs
  for (let pause = 50; (await devicesOf(context, known.id))['--live'].some(known.is); pause = Math.min(pause * 2, 1000)) {
    if (clock.monotonic() >= until)
      throw new Fault('timeout', `guest ${known.id} did not let go of ${known.what} within ${letGoMs} ms`, {
        hint: 'one that boots does not hear it: try again later, or stop the server first',
      })
    await clock.sleep(pause)
  }
}
