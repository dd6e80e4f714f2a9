/** A host as it is against its record, and what its records promised in time. */
import type { Survey } from '../../drivers/driver.ts'
import type { HostRecord, Inventory } from '../../model/host.ts'
import { type Diagnosis, found } from './diagnosis.ts'
import type { Asked, Observation } from './look.ts'

const skewWarningMs = 2000
const skewErrorMs = 60_000

/** The host read its clock at some time in between: what cannot be known is no skew. */
export function judgeClock(host: string, { at }: Survey, { sent, received }: Asked): Diagnosis[] {
  const skew = at < sent ? at - sent : Math.max(0, at - received)
  if (Math.abs(skew) <= skewWarningMs) return []
  const severity = Math.abs(skew) > skewErrorMs ? 'error' : 'warning'
  const message = `its clock is ${Math.abs(skew / 1000).toFixed(1)} s ${skew < 0 ? 'behind' : 'before'} ours`
  return [found('NVD020', `host ${host}`, message, { host, severity })]
}

const compared = [
  'hostname',
  'hypervisorType',
  'accelerator',
  'architecture',
  'cpuModel',
  'vcpus',
  'memoryMb',
  'diskGb',
] as const satisfies readonly (keyof Inventory)[]

/** Of the sizes a part comes and goes: a crash kernel, a balloon, a file system that grew a little. */
const tolerated = 0.05

const differs = (known: string | number, now: string | number): boolean =>
  typeof known === 'number' && typeof now === 'number' && now > 64 ? Math.abs(now - known) > tolerated * known : known !== now

/** What the host has now against what was recorded. */
export function judgeInventory({ name, inventory: known }: HostRecord, now: Inventory): Diagnosis[] {
  const facts = { host: name, severity: 'warning' as const, repair: 'record what the host has' }
  if (known === null) return [found('NVD022', `host ${name}`, 'nothing is recorded of what it has', facts)]
  const changes = compared.filter((field) => differs(known[field], now[field]))
  const words = changes.map((field) => `${field} is ${now[field]}, recorded is ${known[field]}`)
  const others = words.length === 0 ? [] : [found('NVD022', `host ${name}`, words.join('; '), facts)]
  if (known.hypervisorVersion === now.hypervisorVersion) return others
  const version = `it runs ${now.hypervisorType} ${now.hypervisorVersion}, recorded is ${known.hypervisorVersion}`
  return [...others, found('NVD021', `host ${name}`, version, facts)]
}

/** Moves that nobody confirmed within the window of the settings. */
export function judgeResizes(seen: Observation): Diagnosis[] {
  return seen.expiredMoves.flatMap(({ serverId, sourceHost, destHost }) => {
    const server = seen.servers.find(({ id }) => id === serverId)
    if (!server) return []
    const isIdle = server.vmState === 'resized' && server.taskState === null && server.lockedBy === null
    const message = `its move from ${sourceHost} to ${destHost} waits for a confirm for longer than resizeConfirmWindow`
    const repair = isIdle ? 'confirm it' : null
    return [found('NVD019', `server ${server.name}`, message, { serverId, severity: 'warning', repair })]
  })
}
