/** The NUMA topology that a flavor's extra specs ask for. */
import type { Pairs } from '../core/schema.ts'

export interface GuestCell {
  readonly vcpus: number
  /** MiB. */
  readonly memoryMb: number
}

export interface GuestTopology {
  readonly cells: readonly GuestCell[]
  /** One host CPU for each vCPU, shared with nobody. */
  readonly dedicated: boolean
  /** The page size asked for: KiB, the smallest, any large one, or null for no matter which. */
  readonly pageSize: number | 'small' | 'large' | null
}

interface Shape {
  readonly vcpus: number
  /** MiB. */
  readonly ram: number
  readonly extraSpecs: Pairs
}

const mostCells = 16
const keys = ['hw:numa_nodes', 'hw:cpu_policy', 'hw:mem_page_size']

/** The topology asked for, null when none is, or what is wrong with the extra specs. */
export function topologyOf({ vcpus, ram, extraSpecs }: Shape): GuestTopology | null | { readonly problem: string } {
  if (!extraSpecs.some(([key]) => keys.includes(key) || key.startsWith('hw:numa_'))) return null
  const specs = new Map(extraSpecs)
  const policy = specs.get('hw:cpu_policy') ?? 'shared'
  if (policy !== 'shared' && policy !== 'dedicated')
    return { problem: `hw:cpu_policy '${policy}' is neither shared nor dedicated` }
  const pageSize = pageSizeOf(specs.get('hw:mem_page_size'))
  if (pageSize === undefined)
    return { problem: `hw:mem_page_size '${specs.get('hw:mem_page_size')}' is not small, large, any or a size` }
  const dedicated = policy === 'dedicated'
  const nodes = specs.get('hw:numa_nodes')
  if (nodes === undefined && !dedicated && pageSize === null) return null
  const count = wholeNumber(nodes ?? '1')
  if (count === undefined || count < 1 || count > mostCells)
    return { problem: `hw:numa_nodes '${nodes}' is not 1 to ${mostCells}` }
  const cells = cellsOf(specs, count, vcpus, ram)
  return 'problem' in cells ? cells : { cells: cells.cells, dedicated, pageSize }
}

type Cells = { readonly cells: readonly GuestCell[] } | { readonly problem: string }

function cellsOf(specs: ReadonlyMap<string, string>, count: number, vcpus: number, ram: number): Cells {
  const numbers = Array.from({ length: count }, (_, index) => index)
  const isAsymmetric = numbers.some((index) => specs.has(`hw:numa_cpus.${index}`) || specs.has(`hw:numa_mem.${index}`))
  if (!isAsymmetric) {
    if (vcpus % count !== 0) return { problem: `${vcpus} vCPUs do not divide into ${count} NUMA nodes` }
    if (ram % count !== 0) return { problem: `${ram} MB do not divide into ${count} NUMA nodes` }
    return { cells: numbers.map(() => ({ vcpus: vcpus / count, memoryMb: ram / count })) }
  }
  const taken = new Set<number>()
  const cells: GuestCell[] = []
  for (const index of numbers) {
    const cpus = cpuSet(specs.get(`hw:numa_cpus.${index}`), vcpus)
    const memoryMb = wholeNumber(specs.get(`hw:numa_mem.${index}`) ?? '')
    if (!cpus || memoryMb === undefined)
      return { problem: `NUMA node ${index} needs hw:numa_cpus.${index} and hw:numa_mem.${index}` }
    for (const cpu of cpus) taken.add(cpu)
    cells.push({ vcpus: cpus.size, memoryMb })
  }
  const total = cells.reduce((sum, cell) => sum + cell.vcpus, 0)
  const memory = cells.reduce((sum, cell) => sum + cell.memoryMb, 0)
  if (taken.size !== vcpus || total !== vcpus) return { problem: `hw:numa_cpus name ${total} vCPUs, the flavor has ${vcpus}` }
  return memory === ram ? { cells } : { problem: `hw:numa_mem add up to ${memory} MB, the flavor has ${ram}` }
}

/** The CPUs of `0-2,^1,5`, each below `limit`; undefined when it is malformed. */
function cpuSet(text: string | undefined, limit: number): Set<number> | undefined {
  if (text === undefined) return undefined
  const cpus = new Set<number>()
  const excluded = new Set<number>()
  for (const term of text.split(',')) {
    const [, except, first = '', last = first] = /^\s*(\^?)(\d{1,5})(?:-(\d{1,5}))?\s*$/.exec(term) ?? []
    if (except === undefined || Number(last) < Number(first) || Number(last) >= limit) return undefined
    for (let cpu = Number(first); cpu <= Number(last); cpu++) (except === '^' ? excluded : cpus).add(cpu)
  }
  for (const cpu of excluded) cpus.delete(cpu)
  return cpus.size === 0 ? undefined : cpus
}

const wholeNumber = (text: string) => (/^\d{1,9}$/.test(text) ? Number(text) : undefined)

/** Undefined when malformed, null when it does not matter. */
function pageSizeOf(text: string | undefined): GuestTopology['pageSize'] | undefined {
  if (text === undefined || text === 'any') return text === undefined ? null : 'small'
  if (text === 'small' || text === 'large') return text
  const [, digits, unit = 'KB'] = /^(\d{1,9})\s*(KB|MB|GB)?$/.exec(text) ?? []
  if (digits === undefined) return undefined
  return Number(digits) * (unit === 'GB' ? 1024 ** 2 : unit === 'MB' ? 1024 : 1)
}
