/** What a guest has used so far. */

import type { Diagnostics } from '../driver.ts'
import type { DriverContext } from '../driver-context.ts'
import { readGuestRecord } from '../guest-record.ts'
import { adoptedNics } from './adopted-guest.ts'
import { numberOf, parseDomainStats } from './domain-stats.ts'
import type { LibvirtPaths } from './guest-paths.ts'
import { afterLook, domainOf, lookCommands, powerStateOf } from './look.ts'
import { virsh } from './virsh.ts'

const nanoseconds = 1e9
const kibPerMib = 1024
const mostDevices = 128

/** Counters of the guest; null for what is not counted. A stopped guest has none. */
export async function diagnostics(context: DriverContext, paths: LibvirtPaths, id: string): Promise<Diagnostics> {
  const commands = [...lookCommands(id), ['domstats', '--raw', id], ['version']] as const
  const { parts } = await virsh(context, commands, { effect: 'read' })
  const domain = domainOf(id, parts)
  const [stats = '', version = ''] = afterLook(parts)
  const fields = parseDomainStats(stats)[0]?.fields ?? new Map<string, string>()
  const record = await readGuestRecord(context, paths)
  const count = (key: string) => numberOf(fields, key)
  const cpu = count('cpu.time')
  const maximum = record?.spec.ram ?? Math.round((count('balloon.maximum') ?? 0) / kibPerMib)
  const used = count('balloon.current')
  const isCounted = domain !== undefined && powerStateOf(domain) !== 'shutdown'
  return {
    powerState: domain ? powerStateOf(domain) : 'shutdown',
    uptimeSeconds: null,
    cpuSeconds: cpu === undefined ? null : cpu / nanoseconds,
    memoryMb: { maximum, used: used === undefined || !isCounted ? null : Math.round(used / kibPerMib) },
    disks: disks(fields),
    nics: (record?.spec.nics ?? (await adoptedNics(context, paths))).map(({ mac }, index) => ({
      mac,
      rxBytes: count(`net.${index}.rx.bytes`) ?? null,
      txBytes: count(`net.${index}.tx.bytes`) ?? null,
    })),
    hypervisor: hypervisorOf(version),
  }
}

/** `QEMU 7.2.22` of the answer to `virsh version`. */
export const hypervisorOf = (version: string): string =>
  /^Running hypervisor: (\S{1,32} \S{1,32})$/m.exec(version)?.[1] ?? 'unknown'

function disks(fields: ReadonlyMap<string, string>): Diagnostics['disks'] {
  const total = Math.min(numberOf(fields, 'block.count') ?? 0, mostDevices)
  return Array.from({ length: total }, (_, index) => {
    const count = (key: string) => numberOf(fields, `block.${index}.${key}`) ?? 0
    const name = fields.get(`block.${index}.name`) ?? String(index)
    const [readBytes, readOps] = [count('rd.bytes'), count('rd.reqs')]
    return { name, readBytes, readOps, writeBytes: count('wr.bytes'), writeOps: count('wr.reqs') }
  })
}
