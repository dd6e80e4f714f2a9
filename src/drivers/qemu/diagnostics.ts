/** What a running guest has used so far. */

import { qemuVersion } from '../accelerator.ts'
import type { Diagnostics, GuestState } from '../driver.ts'
import type { GuestRecord } from '../guest-record.ts'
import type { QemuContext } from './context.ts'
import type { GuestPaths } from './guest-paths.ts'
import { guestProcess } from './guest-process.ts'
import { fieldsOf } from './json-lines.ts'
import { type Qmp, withQmp } from './qmp.ts'

/** Clock ticks a second in /proc: a constant of Linux's interface. */
const ticks = 100
const mebibyte = 1024 * 1024

/** Counters of the guest; null for what this kind of device does not count. A stopped guest has no counters at all. */
export async function diagnostics(
  context: QemuContext,
  paths: GuestPaths,
  { spec }: GuestRecord,
  { powerState }: GuestState,
): Promise<Diagnostics> {
  const found = await guestProcess(context, paths)
  const times = found ? await processTimes(context, found.pid) : { uptimeSeconds: null, cpuSeconds: null }
  const asked = found
    ? await withQmp(context, found.paths.monitor, async (qmp) => ({ disks: await diskCounters(qmp), used: await balloonMb(qmp) }))
    : { disks: [], used: null }
  return {
    powerState,
    ...times,
    memoryMb: { maximum: spec.ram, used: asked.used },
    disks: asked.disks,
    // User-mode networking counts nothing.
    nics: spec.nics.map(({ mac }) => ({ mac, rxBytes: null, txBytes: null })),
    hypervisor: `QEMU ${await qemuVersion(context)}`,
  }
}

async function diskCounters(qmp: Qmp): Promise<Diagnostics['disks']> {
  const answer = await qmp.execute('query-blockstats')
  const devices = Array.isArray(answer) ? answer.map(fieldsOf) : []
  return devices.flatMap((device) => {
    const stats = fieldsOf(device?.get('stats'))
    const name = device?.get('node-name')
    if (!stats || typeof name !== 'string') return []
    const count = (key: string) => Number(stats.get(key) ?? 0)
    const [readBytes, readOps] = [count('rd_bytes'), count('rd_operations')]
    return [{ name, readBytes, readOps, writeBytes: count('wr_bytes'), writeOps: count('wr_operations') }]
  })
}

async function balloonMb(qmp: Qmp): Promise<number | null> {
  const actual = fieldsOf(await qmp.execute('query-balloon'))?.get('actual')
  return typeof actual === 'number' ? Math.round(actual / mebibyte) : null
}

async function processTimes({ host }: QemuContext, pid: number) {
  const [stat, uptime] = await Promise.all([host.readFile(`/proc/${pid}/stat`), host.readFile('/proc/uptime')])
  // The program's name may hold blanks and parentheses: the fields start after the last one.
  const text = stat?.toString('latin1') ?? ''
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  const [user, system, started] = [fields[11], fields[12], fields[19]].map(Number)
  const hostUptime = Number.parseFloat(uptime?.toString('latin1') ?? '')
  if (user === undefined || system === undefined || started === undefined || Number.isNaN(user + system + started + hostUptime)) {
    return { uptimeSeconds: null, cpuSeconds: null }
  }
  return { uptimeSeconds: Math.max(0, Math.round(hostUptime - started / ticks)), cpuSeconds: (user + system) / ticks }
}
