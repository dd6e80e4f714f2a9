/** What a host offers to guests. */
import type { Inventory } from '../../model/host.ts'
import { accelerationBy, probeHost } from '../accelerator.ts'
import { hostFacts } from '../host-facts.ts'
import type { QemuContext } from './context.ts'

/** Reads the host. `unsupported` says what to install, `forbidden` that /dev/kvm is closed to us. */
export async function hostInventory(context: QemuContext): Promise<Inventory> {
  const [facts, probe] = await Promise.all([hostFacts(context), probeHost(context)])
  const { accelerator } = await accelerationBy(context, probe, context.virtType)
  return {
    ...facts,
    hypervisorType: 'QEMU',
    hypervisorVersion: probe.version,
    accelerator,
    architecture: 'x86_64',
    supportedInstances: guestKinds(accelerator),
    machineTypes: probe.machineTypes,
  }
}

function guestKinds(accelerator: string): Inventory['supportedInstances'] {
  const types = accelerator === 'kvm' ? ['kvm', 'qemu'] : ['qemu']
  return ['x86_64', 'i686'].flatMap((architecture) => types.map((type): [string, string, string] => [architecture, type, 'hvm']))
}
