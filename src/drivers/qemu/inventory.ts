/** What a host offers to guests. */
import type { Inventory } from '../../model/host.ts'
import { accelerationFor, qemuVersion } from '../accelerator.ts'
import { hostFacts } from '../host-facts.ts'
import { numaCells, pciDevices } from '../host-topology.ts'
import { qemuProgram } from '../qemu-program.ts'
import type { QemuContext } from './context.ts'

/** Reads the host. `unsupported` says what to install, `forbidden` that /dev/kvm is closed to us. */
export async function hostInventory(context: QemuContext): Promise<Inventory> {
  const { host, virtType } = context
  const hypervisorVersion = await qemuVersion(context)
  const { accelerator } = await accelerationFor(context, virtType)
  const [facts, machineTypes, cells, devices] = await Promise.all([
    hostFacts(context),
    machineNames(context),
    numaCells(host),
    pciDevices(host),
  ])
  return {
    ...facts,
    hypervisorType: 'QEMU',
    hypervisorVersion,
    accelerator,
    architecture: 'x86_64',
    supportedInstances: guestKinds(accelerator),
    machineTypes,
    numaCells: cells,
    pciDevices: devices,
  }
}

function guestKinds(accelerator: string): Inventory['supportedInstances'] {
  const types = accelerator === 'kvm' ? ['kvm', 'qemu'] : ['qemu']
  return ['x86_64', 'i686'].flatMap((architecture) => types.map((type): [string, string, string] => [architecture, type, 'hvm']))
}

async function machineNames({ host }: QemuContext): Promise<string[]> {
  const { stdout } = await host.run([qemuProgram, '-machine', 'help'], { effect: 'read' })
  return stdout
    .split('\n')
    .slice(1)
    .flatMap((line) => line.split(' ')[0] || [])
    .filter((name) => name !== 'none')
}
