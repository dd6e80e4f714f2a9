/** Everything that a host has whatever its hypervisor, in one round trip: from /proc, /sys and its file systems. */
import type { Inventory } from '../model/host.ts'
import type { DriverContext } from './driver-context.ts'
import { parseNumaCells, parsePciDevices, topologyScript } from './host-topology.ts'

const kibPerMib = 1024
const gib = 1024 ** 3

export type HostFacts = Pick<
  Inventory,
  | 'hostname'
  | 'vcpus'
  | 'cpuModel'
  | 'cpuFeatures'
  | 'memoryMb'
  | 'memoryFreeMb'
  | 'diskGb'
  | 'diskFreeGb'
  | 'numaCells'
  | 'pciDevices'
>

/**
 * Parameter: the instances directory. It appears with the first guest; until then its file system is that of the nearest
 * parent. Prints rows that end with NUL, a name and a text apart by a tab.
 */
const factsScript = `say() { printf '%s\\t%s\\0' "$1" "$2"; }
say hostname "$(cat /proc/sys/kernel/hostname)"
say processors "$(grep -c '^processor' /proc/cpuinfo)"
say cpu "$(grep -m 2 -E '^(model name|flags)' /proc/cpuinfo)"
say memory "$(grep -E '^Mem(Total|Available):' /proc/meminfo)"
path=$1
while [ ! -e "$path" ]; do path=\${path%/*}; path=\${path:-/}; done
say disk "$(df -B1 --output=size,avail -- "$path" | tail -n 1)"
${topologyScript}
exit 0
`

/** Reads what every hypervisor's host has. The hostname is the kernel's: a resolver may not answer. */
export async function hostFacts({ host, instancesPath }: DriverContext): Promise<HostFacts> {
  const { stdout } = await host.run(['sh', '-c', factsScript, 'facts', instancesPath], { effect: 'read' })
  return parseFacts(stdout)
}

/** The facts in the answer of the script. */
export function parseFacts(answer: string): HostFacts {
  const rows = answer.split('\0').map((row) => row.split('\t'))
  const said = new Map(rows.map(([name = '', ...text]) => [name, text.join('\t')]))
  const of = (name: string) => said.get(name) ?? ''
  const cpu = of('cpu')
  const [size = 0, free = 0] = of('disk').trim().split(/\s+/).map(Number)
  return {
    hostname: of('hostname').trim(),
    vcpus: Number(of('processors')),
    cpuModel: /^model name\s*: (.*)$/m.exec(cpu)?.[1] ?? '',
    cpuFeatures: (/^flags\s*: (.*)$/m.exec(cpu)?.[1] ?? '').split(' ').filter(Boolean),
    memoryMb: memoryMb(of('memory'), 'MemTotal'),
    memoryFreeMb: memoryMb(of('memory'), 'MemAvailable'),
    diskGb: Math.floor(size / gib),
    diskFreeGb: Math.floor(free / gib),
    numaCells: parseNumaCells(of('nodes')),
    pciDevices: parsePciDevices(of('pci')),
  }
}

const memoryMb = (meminfo: string, name: string) =>
  Math.floor(Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(meminfo)?.[1] ?? 0) / kibPerMib)
