/** Processors, memory and disk space of a host, from /proc and its file systems. */
import type { Inventory } from '../model/host.ts'
import type { DriverContext } from './driver-context.ts'

const kibPerMib = 1024
const gib = 1024 ** 3

type HostFacts = Pick<
  Inventory,
  'hostname' | 'vcpus' | 'cpuModel' | 'cpuFeatures' | 'memoryMb' | 'memoryFreeMb' | 'diskGb' | 'diskFreeGb'
>

/** Reads what every hypervisor's host has. */
export async function hostFacts(context: DriverContext): Promise<HostFacts> {
  const paths = ['/proc/sys/kernel/hostname', '/proc/cpuinfo', '/proc/meminfo']
  const [texts, disk] = await Promise.all([
    Promise.all(paths.map(async (path) => (await context.host.readFile(path))?.toString('utf8') ?? '')),
    diskSpace(context),
  ])
  const [hostname = '', cpu = '', memory = ''] = texts
  return {
    hostname: hostname.trim(),
    ...processors(cpu),
    memoryMb: memoryMb(memory, 'MemTotal'),
    memoryFreeMb: memoryMb(memory, 'MemAvailable'),
    ...disk,
  }
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

async function diskSpace({ host, instancesPath }: DriverContext): Promise<Pick<Inventory, 'diskGb' | 'diskFreeGb'>> {
  // The directory appears with the first guest; its file system is that of the nearest parent. df itself is asked for it:
  // in a plan the directory looks as if it were there.
  const parents = instancesPath.split('/').map((_, index, parts) => parts.slice(0, parts.length - index).join('/') || '/')
  const script = 'for path; do [ -e "$path" ] && exec df -B1 --output=size,avail -- "$path"; done'
  const { stdout } = await host.run(['sh', '-c', script, 'df', ...parents], { effect: 'read' })
  const [size = 0, free = 0] = (stdout.trim().split('\n')[1] ?? '').trim().split(/\s+/).map(Number)
  return { diskGb: Math.floor(size / gib), diskFreeGb: Math.floor(free / gib) }
}
