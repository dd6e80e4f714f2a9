/** NUMA cells and PCI devices of a host, from its /sys. */
import type { Host } from '../hosts/host.ts'
import type { Inventory } from '../model/host.ts'

const nodes = '/sys/devices/system/node'

/** The host's NUMA cells with their CPUs and memory; none where the kernel shows none. */
export async function numaCells(host: Host): Promise<Inventory['numaCells']> {
  if (!(await host.stat(nodes))) return []
  const ids = (await host.readdir(nodes)).flatMap((name) => /^node(\d+)$/.exec(name)?.[1] ?? []).map(Number)
  return Promise.all(ids.sort((a, b) => a - b).map((id) => numaCell(host, id)))
}

async function numaCell(host: Host, id: number): Promise<Inventory['numaCells'][number]> {
  const folder = `${nodes}/node${id}`
  const [cpus, memory] = await Promise.all([readText(host, `${folder}/cpulist`), readText(host, `${folder}/meminfo`)])
  const kilobytes = Number(/MemTotal:\s+(\d+)/.exec(memory)?.[1] ?? 0)
  const huge = (await host.stat(`${folder}/hugepages`)) ? await host.readdir(`${folder}/hugepages`) : []
  const pageSizesKb = huge.flatMap((name) => /^hugepages-(\d+)kB$/.exec(name)?.[1] ?? []).map(Number)
  return {
    id,
    cpus: cpuList(cpus),
    memoryMb: Math.floor(kilobytes / 1024),
    pageSizesKb: [4, ...pageSizesKb.sort((a, b) => a - b)],
  }
}

const readText = async (host: Host, path: string) => (await host.readFile(path))?.toString('latin1') ?? ''

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

/** The host's PCI devices: one command, because there are three small files for each. */
export async function pciDevices(host: Host): Promise<Inventory['pciDevices']> {
  const root = '/sys/bus/pci/devices'
  if (!(await host.stat(root))) return []
  const names = ['(', '-name', 'vendor', '-o', '-name', 'device', '-o', '-name', 'numa_node', ')']
  const argv = ['find', '-L', root, '-maxdepth', '2', ...names, '-exec', 'grep', '-sH', '.', '{}', '+']
  const { stdout } = await host.run(argv, { effect: 'read', okExitCodes: [0, 1] })
  return parsePciDevices(stdout)
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
