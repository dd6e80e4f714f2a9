/** Waits for a guest that changes its state by itself: libvirt tells of it. */
import { Fault } from '../../core/fault.ts'
import type { DriverContext } from '../driver-context.ts'
import { virshArgv } from './virsh.ts'

/** virsh itself ends at its timeout; this is for one that does not. */
const graceMs = 15_000

/** True when any domain of the host started, ended, paused or resumed within the time. */
export async function awaitDomainEvent({ host }: DriverContext, timeoutMs: number, signal: AbortSignal): Promise<boolean> {
  const seconds = String(Math.max(1, Math.round(timeoutMs / 1000)))
  const argv = virshArgv(['event', '--event', 'lifecycle', '--timeout', seconds])
  const { stdout, stderr } = await host.run(argv, {
    effect: 'read',
    okExitCodes: [0, 1],
    deadlineMs: timeoutMs + graceMs,
    signal,
  })
  const [, count] = /events received: (\d+)/.exec(stdout) ?? []
  if (count !== undefined) return Number(count) > 0
  throw new Fault('unreachable', `libvirt of host ${host.name} tells of no events: ${stderr.trim().split('\n').at(-1) ?? ''}`)
}
