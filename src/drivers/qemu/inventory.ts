/** What a host offers to guests. */
import type { Inventory } from '../../model/host.ts'
import { accelerationFor, qemuVersion } from './accelerator.ts'
import { qemuProgram } from './arguments.ts'
import type { QemuContext } from './context.ts'
import { numaCells, pciDevices } from './host-topology.ts'

const kibPerMib = 1024
const gib = 1024 ** 3

/** Reads the host. `unsupported` says what to install, `forbidden` that /dev/kvm is closed to us. */
export async function hostInventory(context: QemuContext): Promise<Inventory> {
  const { host, virtType } = context
  const hypervisorVersion = await qemuVersion(context)
  const { accelerator } = await accelerationFor(context, virtType)
  const [hostname, cpu, memory] = await Promise.all(
    ['/proc/sys/kernel/hostname', '/proc/cpuinfo', '/proc/meminfo'].map(
      async (path) => (await host.readFile(path))?.toString('utf8') ?? '',
    ),
  )
  const [disk, machineTypes, cells, devices] = await Promise.all([
    diskSpace(context),
    machineNames(context),
    numaCells(host),
    pciDevices(host),
  ])
  return {
    hostname: hostname?.trim() ?? '',
    hypervisorType: 'QEMU',
    hypervisorVersion,
    accelerator,
    architecture: 'x86_64',
    ...processors(cpu ?? ''),
    memoryMb: memoryMb(memory ?? '', 'MemTotal'),
    memoryFreeMb: memoryMb(memory ?? '', 'MemAvailable'),
    ...disk,
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

/** CPUs, their name and their flags, from /proc/cpuinfo. */
export function processors(cpuinfo: string): Pick<Inventory, 'vcpus' | 'cpuModel' | 'cpuFeatures'> {
  return {
    vcpus: cpuinfo.match(/^processor\s*:/gm)?.length ?? 0,
    cpuModel: /^model name\s*: (.*)$/m.exec(cpuinfo)?.[1] ?? '',
    cpuFeatures: (/^flags\s*: (.*)$/m.exec(cpuinfo)?.[1] ?? '').split(' ').filter(Boolean),
  }
}

const memoryMb = (meminfo: string, name: string) =>
  Math.floor(Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(meminfo)?.[1] ?? 0) / kibPerMib)

async function diskSpace({ host, instancesPath }: QemuContext): Promise<Pick<Inventory, 'diskGb' | 'diskFreeGb'>> {
  // The directory appears with the first guest; its file system is that of the nearest parent.
  let path = instancesPath
  while (path !== '/' && !(await host.stat(path))) path = path.slice(0, path.lastIndexOf('/')) || '/'
  const { stdout } = await host.run(['df', '-B1', '--output=size,avail', '--', path], { effect: 'read' })
  const [size = 0, free = 0] = (stdout.trim().split('\n')[1] ?? '').trim().split(/\s+/).map(Number)
  return { diskGb: Math.floor(size / gib), diskFreeGb: Math.floor(free / gib) }
}

async function machineNames({ host }: QemuContext): Promise<string[]> {
  const { stdout } = await host.run([qemuProgram, '-machine', 'help'], { effect: 'read' })
  return stdout
    .split('\n')
    .slice(1)
    .flatMap((line) => line.split(' ')[0] || [])
    .filter((name) => name !== 'none')
}
