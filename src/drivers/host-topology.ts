/** NUMA cells and PCI devices of a host, from its /sys. */
import type { Host } from '../hosts/host.ts'
import type { Inventory } from '../model/host.ts'

/** Rows `nodes` and `pci` for `say`; a file a line, its path before its content: there are several small files for each. */
export const topologyScript = `cd /sys/devices/system/node 2>/dev/null && say nodes "$(
  grep -sH . node*/cpulist node*/meminfo | grep -E '^node[0-9]+/(cpulist|meminfo:.*MemTotal):'
  find node*/hugepages -mindepth 1 -maxdepth 1 2>/dev/null
)"
cd /sys/bus/pci/devices 2>/dev/null && say pci "$(grep -sH . /sys/bus/pci/devices/*/vendor /sys/bus/pci/devices/*/device /sys/bus/pci/devices/*/numa_node)"`

const cellsScript = `say() { printf '%s\\n' "$2"; }
${topologyScript.slice(0, topologyScript.indexOf('cd /sys/bus'))}exit 0
`

/** The host's NUMA cells with their CPUs and memory; none where the kernel shows none. */
export async function numaCells(host: Host): Promise<Inventory['numaCells']> {
  const { stdout } = await host.run(['sh', '-c', cellsScript], { effect: 'read' })
  return parseNumaCells(stdout)
}

/** Cells in the order of their numbers, from lines `node<n>/cpulist:…`, `node<n>/meminfo:…` and `node<n>/hugepages/hugepages-<k>kB`. */
export function parseNumaCells(lines: string): Inventory['numaCells'] {
  const ids = [...new Set([...lines.matchAll(/^node(\d{1,6})\//gm)].map(([, id]) => Number(id)))]
  return ids
    .sort((a, b) => a - b)
    .map((id) => {
      const of = (pattern: string) =>
        [...lines.matchAll(new RegExp(`^node${id}/${pattern}`, 'gm'))].map(([, value = '']) => value)
      const huge = of('hugepages/hugepages-(\\d+)kB$').map(Number)
      return {
        id,
        cpus: cpuList(of('cpulist:(.*)$')[0] ?? ''),
        memoryMb: Math.floor(Number(of('meminfo:.*MemTotal:\\s+(\\d+)')[0] ?? 0) / 1024),
        pageSizesKb: [4, ...huge.sort((a, b) => a - b)],
      }
    })
}

/** The numbers of a kernel CPU list: `0-2,5` is 0, 1, 2 and 5. */
export function cpuList(text: string): number[] {
  return text
    .trim()
    .split(',')
    .filter(Boolean)
    .flatMap((part) => {
      const [first = 0, last = first] = part.split('-').map(Number)
      return Array.from({ length: last - first + 1 }, (_, index) => first + index)
    })
}

/** Lines of `/…/<address>/<file>:<value>` as devices in the order of their addresses. */
export function parsePciDevices(lines: string): Inventory['pciDevices'] {
  const devices = new Map<string, Map<string, string>>()
  for (const [, address = '', file = '', value = ''] of lines.matchAll(/\/([0-9a-f:.]+)\/(vendor|device|numa_node):(\S+)/g)) {
    const fields = devices.get(address) ?? new Map<string, string>()
    devices.set(address, fields.set(file, value))
  }
  const hex = (value = '') => value.replace(/^0x/, '')
  const rows = [...devices].map(([address, fields]) => {
    const cell = Number(fields.get('numa_node') ?? -1)
    return {
      address,
      vendorId: hex(fields.get('vendor')),
      productId: hex(fields.get('device')),
      numaCell: cell < 0 ? null : cell,
    }
  })
  return rows.sort((a, b) => (a.address < b.address ? -1 : 1))
}
