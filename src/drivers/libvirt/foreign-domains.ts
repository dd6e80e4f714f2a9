/** Domains that somebody else made on a host, as far as libvirt tells of them. */
import { asFault } from '../../core/fault.ts'
import type { ForeignDisk } from '../../model/adopted.ts'
import type { Nic } from '../../model/server.ts'
import type { DriverContext } from '../driver-context.ts'
import type { ForeignDomain } from '../foreign-domains.ts'
import { documentIn } from './adopt-domain.ts'
import { guestOfDomain } from './domain-name.ts'
import { type Domain, domainStates, lookAtAll, powerStateOf } from './look.ts'
import { childrenOf, find, parseXml } from './parse-xml.ts'
import { type VirshCommand, virsh } from './virsh.ts'
import type { XmlElement } from './xml.ts'

/** As many domains as one process of virsh is asked about. */
const atOnce = 50
const kibPerMib = 1024

/** Every domain that has not a name of ours, in the order of their names. */
export async function foreignDomains(context: DriverContext): Promise<ForeignDomain[]> {
  const domains = (await lookAtAll(context)).filter(({ id, name }) => guestOfDomain(name) !== id)
  const told: ForeignDomain[] = []
  for (let first = 0; first < domains.length; first += atOnce)
    told.push(...(await describe(context, domains.slice(first, first + atOnce))))
  return told.sort((a, b) => (a.name < b.name ? -1 : 1))
}

const questions = (id: string): readonly VirshCommand[] => [
  ['dumpxml', '--inactive', id],
  ['domblkinfo', id, '--all'],
  ['domifaddr', id, '--source', 'lease'],
  ['domifaddr', id, '--source', 'arp'],
]

/** One look at some of them. What a domain refuses to tell, such as addresses while it is off, is not known. */
async function describe(context: DriverContext, domains: readonly Domain[]): Promise<ForeignDomain[]> {
  const transient: VirshCommand = ['list', '--all', '--transient', '--uuid']
  const commands = [transient, ...domains.flatMap(({ id }) => questions(id))]
  const { parts } = await virsh(context, commands, { effect: 'read', isAnswer: /./ })
  const [vanishing = '', ...answers] = parts
  return domains.map((domain, index) => {
    const [definition = '', sizes = '', leases = '', neighbours = ''] = answers.slice(index * 4, index * 4 + 4)
    const obstacles = obstaclesOf(domain, vanishing.includes(domain.id))
    const { id, name } = domain
    try {
      const facts = factsOf(parseXml(documentIn(definition)), sizesIn(sizes), addressesIn(`${neighbours}\n${leases}`))
      return { id, name, powerState: powerStateOf(domain), ...facts, obstacles }
    } catch (error) {
      // One that nobody can read must not hide the others.
      const nothing = { vcpus: 0, ram: 0, disks: [], nics: [] }
      return { id, name, powerState: powerStateOf(domain), ...nothing, obstacles: [...obstacles, asFault(error).message] }
    }
  })
}

function obstaclesOf(domain: Domain, isTransient: boolean): string[] {
  const powerState = powerStateOf(domain)
  const isAsleep = domain.state === domainStates.pmSuspended
  return [
    ...(isTransient ? ['it is transient: libvirt forgets it when it ends; virsh define makes it stay'] : []),
    ...(isAsleep ? ['it sleeps: virsh dompmwakeup wakes it'] : []),
    ...(['running', 'paused', 'shutdown', 'suspended'].includes(powerState) ? [] : [`it is ${powerState}`]),
  ]
}

/** Size, disks and nics of a definition. libvirt prints memory in KiB. */
export function factsOf(
  domain: XmlElement,
  sizes: ReadonlyMap<string, number>,
  addresses: ReadonlyMap<string, string>,
): Pick<ForeignDomain, 'vcpus' | 'ram' | 'disks' | 'nics'> {
  const devices = find(domain, 'devices')
  return {
    vcpus: Number(find(domain, 'vcpu')?.text ?? 1),
    ram: Math.ceil(Number(find(domain, 'memory')?.text ?? 0) / kibPerMib),
    disks: childrenOf(devices, 'disk')
      .filter(isDisk)
      .map((disk) => diskOf(disk, sizes)),
    nics: childrenOf(devices, 'interface').map((nic) => nicOf(nic, addresses)),
  }
}

/** Not a CD or a floppy, which hold nothing of the guest's. */
const isDisk = ({ attributes }: XmlElement) => ['disk', 'lun', undefined].includes(attributes.get('device'))

function diskOf(disk: XmlElement, sizes: ReadonlyMap<string, number>): ForeignDisk {
  const target = find(disk, 'target')?.attributes.get('dev') ?? ''
  const source = find(disk, 'source')?.attributes
  const [pool, volume] = [source?.get('pool'), source?.get('volume')]
  const path = source?.get('file') ?? source?.get('dev') ?? source?.get('dir') ?? source?.get('name')
  return { target, source: path ?? (pool && volume ? `${pool}/${volume}` : null), bytes: sizes.get(target) ?? null }
}

function nicOf(nic: XmlElement, addresses: ReadonlyMap<string, string>): Nic {
  const mac = find(nic, 'mac')?.attributes.get('address')?.toLowerCase() ?? ''
  const type = nic.attributes.get('type') ?? ''
  const source = find(nic, 'source')?.attributes
  const rest = { mac, address: addresses.get(mac) ?? null, sshPort: null }
  if (type === 'user') return { kind: 'user', ...rest }
  if (type === 'network') return { kind: 'network', source: source?.get('network') ?? '', ...rest }
  if (type === 'bridge') return { kind: 'bridge', source: source?.get('bridge') ?? '', ...rest }
  return { kind: 'bridge', source: `${type}:${source?.get('dev') ?? source?.get('path') ?? ''}`, ...rest }
}

/** Capacity by target: ` vda      1048576      196608    196616`. */
const sizesIn = (text: string): ReadonlyMap<string, number> =>
  new Map([...text.matchAll(/^ *(\S{1,64}) +(\d{1,18}) +/gm)].map(([, target = '', bytes]) => [target, Number(bytes)]))

/** Addresses by MAC; the last one wins: ` vnet0      52:54:00:…    ipv4         192.168.122.5/24`. */
const addressesIn = (text: string): ReadonlyMap<string, string> =>
  new Map(
    [...text.matchAll(/((?:[0-9a-f]{2}:){5}[0-9a-f]{2}) +ipv[46] +([0-9a-f.:]{2,45})\/\d+/gi)].map(
      ([, mac = '', address = '']) => [mac.toLowerCase(), address],
    ),
  )
