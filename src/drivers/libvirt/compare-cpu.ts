/** Whether another host can run the CPU that a running guest has: libvirt there compares, and names what is missing. */
import { Fault } from '../../core/fault.ts'
import type { DriverContext } from '../driver-context.ts'
import { find, parseXml } from './parse-xml.ts'
import { virshReading } from './virsh.ts'
import { type XmlElement, xmlText } from './xml.ts'

/** Modes that show the guest what the host has: there the hosts themselves are compared. */
const hostModes = new Set(['host-passthrough', 'maximum'])

/** `conflict` with the missing features when `there` cannot run it; `domain` is the definition of the running guest. */
export async function requireCpu(
  here: DriverContext,
  there: DriverContext,
  domain: XmlElement,
  capabilities: string,
): Promise<void> {
  const cpu = find(domain, 'cpu')
  const virtType = domain.attributes.get('type') ?? 'qemu'
  const isHosts = hostModes.has(cpu?.attributes.get('mode') ?? '')
  if (isHosts && virtType === 'kvm') {
    const own = find(parseXml(capabilities), 'host', 'cpu')
    if (own) await compare(here, there, own, ['cpu-compare', '--error', '--file', '/dev/stdin'])
  }
  if (isHosts || !find(cpu, 'model') || cpu === undefined) return
  const machine = find(domain, 'os', 'type')?.attributes.get('machine') ?? 'pc'
  const words = ['hypervisor-cpu-compare', '--error', '--virttype', virtType, '--machine', machine, '--file', '/dev/stdin']
  await compare(here, there, cpu, words)
}

async function compare(here: DriverContext, there: DriverContext, cpu: XmlElement, words: readonly string[]): Promise<void> {
  try {
    await virshReading(there, words, xmlText(cpu))
  } catch (error) {
    const [, missing] = /does not provide required features: ([\w.,\- ]+)/.exec(error instanceof Error ? error.message : '') ?? []
    const isOther = error instanceof Error && /incompatible/.test(error.message)
    if (missing === undefined && !isOther) throw error
    const what = missing === undefined ? 'its processor is of another kind' : `it lacks ${missing}`
    throw new Fault(
      'conflict',
      `host ${there.host.name} cannot run the CPU that the guest has on host ${here.host.name}: ${what}`,
      {
        hint: 'give the hosts the --guest-cpu that nova host cpu-baseline names: servers made then can move',
      },
    )
  }
}
