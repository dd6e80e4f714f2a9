/** Nova's simple tenant usage: what the servers of a project took over a time, from their records. */
import { Fault } from '../../core/fault.ts'
import { z } from '../../core/schema.ts'
import { fromIso, iso } from '../../core/time.ts'
import type { Server } from '../../model/server.ts'

const hourMs = 3_600_000
/** What `nova usage` looks at when nothing is said. */
const defaultMs = 28 * 24 * hourMs

export const usageView = z.object({
  projectId: z.string(),
  start: z.string(),
  end: z.string(),
  servers: z.int(),
  hours: z.number(),
  vcpuHours: z.number(),
  memoryMbHours: z.number(),
  diskGbHours: z.number(),
})
export type UsageView = z.infer<typeof usageView>

/** Wall milliseconds. */
export interface Period {
  readonly start: number
  readonly end: number
}

/** The asked period; four weeks up to now when nothing is asked. `invalid` when it is none. */
export function periodOf(start: string | undefined, end: string | undefined, now: number): Period {
  const to = end === undefined ? now : timeOf('end', end)
  const from = start === undefined ? to - defaultMs : timeOf('start', start)
  if (from > to) throw new Fault('invalid', `start ${iso(from)} is after end ${iso(to)}`)
  return { start: from, end: to }
}

function timeOf(field: string, text: string): number {
  const time = fromIso(text)
  if (!Number.isNaN(time)) return time
  throw new Fault('invalid', `${field} "${text}" is not a date`, { hint: 'for example 2026-01-31 or 2026-01-31T12:00:00Z' })
}

/** Hours that the server was there within the period; 0 when it never was launched. */
function hoursIn(server: Server, period: Period): number {
  if (server.launchedAt === null) return 0
  const from = Math.max(fromIso(server.launchedAt), period.start)
  const to = Math.min(server.deletedAt === null ? period.end : fromIso(server.deletedAt), period.end)
  return Math.max(0, to - from) / hourMs
}

/** Adds up servers of one project, deleted ones too. */
export function usageOver(projectId: string, servers: readonly Server[], period: Period): UsageView {
  const running = servers
    .map((server) => ({ flavor: server.flavor, hours: hoursIn(server, period) }))
    .filter(({ hours }) => hours > 0)
  const sum = (amount: (one: (typeof running)[number]) => number) =>
    Number(running.reduce((total, one) => total + amount(one), 0).toFixed(3))
  return {
    projectId,
    start: iso(period.start),
    end: iso(period.end),
    servers: running.length,
    hours: sum(({ hours }) => hours),
    vcpuHours: sum(({ hours, flavor }) => hours * flavor.vcpus),
    memoryMbHours: sum(({ hours, flavor }) => hours * flavor.ram),
    diskGbHours: sum(({ hours, flavor }) => hours * (flavor.disk + flavor.ephemeral)),
  }
}
