/** Ending a guest: by itself when it listens, by force when it does not. */
import { Fault } from '../../core/fault.ts'
import type { DriverContext } from '../driver-context.ts'
import { refuseAdopted } from './adopted-guest.ts'
import { guestOfDomain } from './domain-name.ts'
import type { LibvirtPaths } from './guest-paths.ts'
import { type Domain, domainStates, isActive, lookAt } from './look.ts'
import { requireRecord } from './start-guest.ts'
import { type VirshCommand, virsh } from './virsh.ts'

/** A guest that was busy booting misses the first press of its button. */
const buttonEveryMs = 5000
const destroyMs = 120_000
const notRunning = /domain is not running|failed to get domain/
/** Also what libvirt says when the guest ended while the button was pressed again. */
const ending = new RegExp(`${notRunning.source}|(read from|write to|End of file from) (qemu )?monitor`, 'i')

/** Stops the guest; nothing happens to one that does not run. */
export async function stopGuest(
  context: DriverContext,
  paths: LibvirtPaths,
  id: string,
  timeoutMs: number,
): Promise<{ readonly forced: boolean }> {
  const domain = await lookAt(context, id)
  if (!domain) await requireRecord(context, paths)
  if (!domain || !isActive(domain)) return { forced: false }
  if (timeoutMs > 0 && domain.state === domainStates.running && (await shutDown(context, id, timeoutMs))) return { forced: false }
  await force(context, id)
  return { forced: true }
}

/** Presses the power button and waits; true when the guest ended by itself in time. */
async function shutDown(context: DriverContext, id: string, timeoutMs: number): Promise<boolean> {
  const { clock, host } = context
  const end = clock.monotonic() + timeoutMs
  for (;;) {
    const left = end - clock.monotonic()
    if (left <= 0) return false
    await virsh(context, [['shutdown', id, '--mode', 'acpi']], { isAnswer: ending })
    if (host.planning || (await hasEnded(context, id, Math.min(buttonEveryMs, left)))) return true
  }
}

/** Polls, because waiting for an event would miss the one that came before it. */
async function hasEnded(context: DriverContext, id: string, timeoutMs: number): Promise<boolean> {
  const { clock } = context
  const end = clock.monotonic() + timeoutMs
  let pause = 20
  for (;;) {
    const domain = await lookAt(context, id)
    if (!domain || !isActive(domain)) return true
    const left = end - clock.monotonic()
    if (left <= 0) return false
    await clock.sleep(Math.min(pause, left))
    pause = Math.min(pause * 2, 500)
  }
}

/** Ends the process at once. */
export async function force(context: DriverContext, id: string): Promise<void> {
  await virsh(context, [['destroy', id]], { deadlineMs: destroyMs, isAnswer: notRunning })
}

const forget = (id: string): VirshCommand => [
  'undefine',
  id,
  '--managed-save',
  '--snapshots-metadata',
  '--checkpoints-metadata',
  '--nvram',
]

/** Makes libvirt forget a guest that does not run, with everything it keeps of it. */
export async function undefineGuest(context: DriverContext, id: string): Promise<void> {
  await virsh(context, [forget(id)], { isAnswer: /failed to get domain/ })
}

/** Ends the guest and removes its definition and its directory. `conflict` for a domain that is not ours. */
export async function destroyGuest(context: DriverContext, paths: LibvirtPaths, id: string): Promise<void> {
  const { host } = context
  const domain = await lookAt(context, id)
  if (domain) {
    refuseForeign(context, domain)
    await endGuest(context, domain)
    await undefineGuest(context, id)
  } else await refuseAdopted(context, paths, id)
  await host.remove(paths.directory)
}

/** Ends the process and makes sure of it. */
export async function endGuest(context: DriverContext, domain: Domain): Promise<void> {
  if (!isActive(domain)) return
  await force(context, domain.id)
  // Undefining one that still runs would leave a guest that no record names.
  const left = context.host.planning ? undefined : await lookAt(context, domain.id)
  if (left && isActive(left)) throw new Fault('timeout', `host ${context.host.name}: guest ${domain.id} did not end`)
}

/** A domain that was adopted is operated, but it is not ours to destroy. */
function refuseForeign({ host }: DriverContext, domain: Domain): void {
  if (guestOfDomain(domain.name) === domain.id) return
  throw new Fault('conflict', `domain ${domain.name} on host ${host.name} has the id ${domain.id} but was not made by nova`)
}
