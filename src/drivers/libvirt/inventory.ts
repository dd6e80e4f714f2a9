/** What a host offers to guests, by libvirt's word where that can be believed. */
import type { Inventory } from '../../model/host.ts'
import { accelerationFor } from '../accelerator.ts'
import type { DriverContext } from '../driver-context.ts'
import { hostFacts } from '../host-facts.ts'
import { hypervisorOf } from './diagnostics.ts'
import { childrenOf, find, parseXml } from './parse-xml.ts'
import { virsh } from './virsh.ts'
import type { XmlElement } from './xml.ts'

/** Reads the host. The hostname is the kernel's: libvirt would wait for a resolver that may not answer. */
export async function hostInventory(context: DriverContext): Promise<Inventory> {
  const { virtType } = context
  const [{ parts }, facts, { accelerator }] = await Promise.all([
    virsh(context, [['version'], ['nodeinfo'], ['capabilities']], { effect: 'read' }),
    hostFacts(context),
    virtType === 'qemu' ? { accelerator: 'tcg' as const } : accelerationFor(context, virtType),
  ])
  const [version = '', nodeinfo = '', capabilities = ''] = parts
  const root = parseXml(capabilities)
  const [hypervisorType = 'QEMU', hypervisorVersion = 'unknown'] = hypervisorOf(version).split(' ')
  return {
    ...facts,
    vcpus: Number(/^CPU\(s\): +(\d{1,6})$/m.exec(nodeinfo)?.[1] ?? facts.vcpus),
    hypervisorType,
    hypervisorVersion,
    accelerator,
    architecture: find(root, 'host', 'cpu', 'arch')?.text ?? 'x86_64',
    supportedInstances: guestKinds(root, accelerator),
    machineTypes: machineTypes(root),
  }
}

/** libvirt lists kvm wherever /dev/kvm opens, so it counts only when a guest really ran with it. */
export function guestKinds(root: XmlElement, accelerator: 'kvm' | 'tcg'): Inventory['supportedInstances'] {
  return childrenOf(root, 'guest').flatMap((guest) => {
    const arch = find(guest, 'arch')
    const vmMode = find(guest, 'os_type')?.text ?? 'hvm'
    const types = childrenOf(arch, 'domain').map((domain) => domain.attributes.get('type') ?? '')
    const real = types.filter((type) => type === 'qemu' || (type === 'kvm' && accelerator === 'kvm'))
    return real.map((type): [string, string, string] => [arch?.attributes.get('name') ?? '', type, vmMode])
  })
}

/** Names of the machine types for x86_64, versioned and short ones. */
export function machineTypes(root: XmlElement): string[] {
  const arches = childrenOf(root, 'guest').flatMap((guest) => childrenOf(guest, 'arch'))
  const own = arches.filter((arch) => arch.attributes.get('name') === 'x86_64')
  return [...new Set(own.flatMap((arch) => childrenOf(arch, 'machine').map(({ text }) => text)))].sort()
}
