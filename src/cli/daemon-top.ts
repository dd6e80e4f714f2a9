/** One look at the daemon, as `nova top` gets and shows it. */
import { z } from '../core/schema.ts'
import { escapeText } from './escape.ts'

export const daemonTop = z.object({
  uptimeSeconds: z.number(),
  requests: z.int(),
  running: z.int(),
  waiting: z.int(),
  refused: z.int(),
  connections: z.int(),
  flowsRunning: z.int(),
  flowsOpen: z.int(),
  revision: z.int(),
  journalBytes: z.number(),
  residentBytes: z.number(),
  serversByState: z.record(z.string(), z.int()),
  hosts: z.array(z.object({ name: z.string(), enabled: z.boolean(), isUp: z.boolean() })),
  flows: z.array(z.object({ action: z.string(), label: z.string(), step: z.string(), seconds: z.number() })),
})
export type DaemonTop = z.infer<typeof daemonTop>

const mostLines = 20
const mib = (bytes: number) => `${Math.round(bytes / 1024 ** 2)} MiB`

/** The look as lines; the rate of calls is the mean since the start. */
export function renderTop(now: DaemonTop): string {
  const rate = now.requests / Math.max(now.uptimeSeconds, 1)
  const states = Object.entries(now.serversByState).map(([state, count]) => `${state} ${count}`)
  const down = now.hosts.filter(({ isUp }) => !isUp).map(({ name }) => name)
  const disabled = now.hosts.filter(({ enabled }) => !enabled).length
  return [
    `up ${Math.round(now.uptimeSeconds)} s · ${now.connections} connections · ${mib(now.residentBytes)} · journal ${mib(now.journalBytes)} · revision ${now.revision}`,
    `calls    ${rate.toFixed(1)}/s · ${now.running} running · ${now.waiting} waiting · ${now.refused} refused`,
    `servers  ${states.join(' · ') || 'none'}`,
    `hosts    ${now.hosts.length}, ${disabled} disabled${down.length > 0 ? `, down: ${escapeText(down.slice(0, 10).join(', '))}` : ''}`,
    `flows    ${now.flowsRunning} running · ${now.flowsOpen} open`,
    ...now.flows
      .slice(0, mostLines)
      .map(({ action, label, step, seconds }) => escapeText(`  ${action} ${label}: ${step}, ${Math.round(seconds)} s`)),
  ].join('\n')
}
