/** A domain's definition as another host must have it: pure. What the guest sees of its hardware stays. */
import type { GuestSpec, StorageKind } from '../driver.ts'
import { find } from './parse-xml.ts'
import type { XmlElement } from './xml.ts'

export interface Relocation {
  /** Instances paths. */
  readonly from: string
  readonly to: string
  readonly spec: GuestSpec
  /** The serial console's socket on the destination; null leaves it. */
  readonly serial: string | null
}

/** The tree with the destination's paths, networks and listeners. */
export function relocated(domain: XmlElement, order: Relocation): XmlElement {
  const relocate = (path: string) => (path.startsWith(`${order.from}/`) ? `${order.to}${path.slice(order.from.length)}` : path)
  return mapChildren(domain, (part) => {
    if (part.name === 'os') return mapTree(part, (one) => ({ ...one, text: relocate(one.text) }))
    if (part.name !== 'devices') return part
    return mapChildren(
      mapTree(part, (one) => withPaths(one, relocate)),
      (device) => relocatedDevice(device, order),
    )
  })
}

const withPaths = (one: XmlElement, relocate: (path: string) => string): XmlElement => ({
  ...one,
  attributes: new Map(
    [...one.attributes].map(([key, value]) => [key, key === 'file' || key === 'path' ? relocate(value) : value]),
  ),
})

function relocatedDevice(device: XmlElement, { spec, serial }: Relocation): XmlElement {
  switch (device.name) {
    case 'interface':
      return withNetwork(device, spec)
    case 'graphics':
      return mapTree(device, onLoopback)
    case 'serial':
    case 'console':
      return serial === null ? device : withSocket(device, serial)
    default:
      return device
  }
}

/** The bridge or network that the same card is plugged into there. */
function withNetwork(device: XmlElement, spec: GuestSpec): XmlElement {
  const mac = find(device, 'mac')?.attributes.get('address')
  const nic = spec.nics.find((one) => one.mac === mac)
  if (!nic || nic.source === undefined) return device
  const key = nic.kind === 'bridge' ? 'bridge' : 'network'
  const source = nic.source
  return {
    ...mapChildren(device, (child) => (child.name === 'source' ? { ...child, attributes: new Map([[key, source]]) } : child)),
    attributes: new Map([...device.attributes, ['type', nic.kind]]),
  }
}

const everywhere = new Set(['127.0.0.1', '::1', '0.0.0.0', '::', 'localhost'])

/** An address of the source would keep the destination from starting the guest. */
function onLoopback(one: XmlElement): XmlElement {
  const key = one.name === 'listen' ? 'address' : 'listen'
  const address = one.attributes.get(key)
  if (address === undefined || everywhere.has(address)) return one
  return { ...one, attributes: new Map([...one.attributes, [key, '127.0.0.1']]) }
}

const withSocket = (device: XmlElement, path: string): XmlElement =>
  mapChildren(device, (child) =>
    child.name === 'source' && child.attributes.has('path')
      ? { ...child, attributes: new Map([...child.attributes, ['path', path]]) }
      : child,
  )

/** Names of the disks that travel: files in the guest's own directory that it can write. */
export function disksToCopy(domain: XmlElement, directory: string, storage: StorageKind): string[] {
  if (storage === 'shared') return []
  const disks = (find(domain, 'devices')?.children ?? []).filter(({ name }) => name === 'disk')
  const own = disks.filter(
    (disk) => find(disk, 'source')?.attributes.get('file')?.startsWith(`${directory}/`) && !find(disk, 'readonly'),
  )
  return own.flatMap((disk) => find(disk, 'target')?.attributes.get('dev') ?? [])
}

/** Where the running guest's serial console listens. */
export const serialSocket = (domain: XmlElement): string | undefined =>
  find(domain, 'devices', 'serial', 'source')?.attributes.get('path')

const mapChildren = (parent: XmlElement, change: (child: XmlElement) => XmlElement): XmlElement => ({
  ...parent,
  children: parent.children.map(change),
})

const mapTree = (root: XmlElement, change: (one: XmlElement) => XmlElement): XmlElement =>
  mapChildren(change(root), (child) => mapTree(child, change))
