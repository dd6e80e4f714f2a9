/** Where a guest is whose move was cut: both libvirts are asked, and what they answer decides. */
import { Fault } from '../../core/fault.ts'
import type { DriverContext } from '../driver-context.ts'
import {
  afterLook,
  type Domain,
  domainOf,
  domainStates,
  isActive,
  isArriving,
  isPausedFor,
  lookCommands,
  pausedReasons,
} from './look.ts'
import { endGuest, undefineGuest } from './stop-guest.ts'
import { type VirshCommand, virsh } from './virsh.ts'

/** Both hosts of a move. */
export interface Sides {
  readonly here: DriverContext
  readonly there: DriverContext
}

/** What is to be done, by the states of the guest's two domains. A side that may have run is never ended while the other may run. */
export type Decision =
  /** It runs on the source alone. */
  | 'here'
  /** It runs on the source; what waits on the destination never ran. */
  | 'here-alone'
  /** The source let go of it and the destination never ran: it goes on here. */
  | 'go-on-here'
  /** It runs on the destination; the source only holds what is left. */
  | 'there'
  /** The source has ended and the destination waits: it has all the memory, or it never will. */
  | 'arrived-or-lost'
  /** Each side holds a part of its memory. */
  | 'post-copy'
  | 'both'
  | 'nowhere'

/** Pure. */
export function decide(here: Domain | undefined, there: Domain | undefined): Decision {
  const waits = there !== undefined && isArriving(there)
  const isThere = there !== undefined && isActive(there) && !waits
  const isHere = here !== undefined && isActive(here)
  const letGo = here !== undefined && isPausedFor(here, pausedReasons.migration)
  if (isHere && inPostCopy(here)) return 'post-copy'
  if (isThere) return isHere && !letGo ? 'both' : 'there'
  if (isHere && letGo) return 'go-on-here'
  if (isHere) return waits ? 'here-alone' : 'here'
  return waits ? 'arrived-or-lost' : 'nowhere'
}

const inPostCopy = (domain: Domain) =>
  isPausedFor(domain, pausedReasons.postCopy) || isPausedFor(domain, pausedReasons.postCopyFailed)

/** libvirtd that was restarted answers again soon. */
const silentMs = 30_000
const pollMs = 250

/** What one libvirt knows of the guest, and its answers to `commands`; those that a guest refuses are empty. */
export async function lookAround(context: DriverContext, id: string, commands: readonly VirshCommand[] = []) {
  const end = context.clock.monotonic() + silentMs
  const asked = [...lookCommands(id), ...commands]
  for (;;) {
    try {
      const { parts } = await virsh(context, asked, { effect: 'read', isAnswer: withoutGuest })
      return { domain: domainOf(id, parts), answers: afterLook(parts) }
    } catch (error) {
      const isSilent = error instanceof Fault && error.kind === 'unreachable' && /libvirt says/.test(error.message)
      if (!isSilent || context.clock.monotonic() > end) throw error
    }
    await context.clock.sleep(pollMs)
  }
}

/** Every command says so for itself. */
const withoutGuest = /^((failed to get domain '[^']*'|[^;]*domain is not running)(; |$))+$/

/** The guest's domains as both sides know them. */
export type Seen = readonly [here: Domain | undefined, there: Domain | undefined]

/** Brings the guest to one side, unless it is in post-copy, and says which. Faults when it is on neither, or when that cannot be told. */
export async function settle(
  { here, there }: Sides,
  id: string,
  [source, destination]: Seen,
): Promise<'here' | 'there' | 'post-copy'> {
  const decision = decide(source, destination)
  const where = `guest ${id}, which moves from host ${here.host.name} to host ${there.host.name},`
  switch (decision) {
    case 'here':
    case 'post-copy':
      return decision
    case 'here-alone':
      await end(there, destination)
      return 'here'
    case 'go-on-here':
      await end(there, destination)
      await virsh(here, [['resume', id]])
      return 'here'
    case 'there':
      if (source && isActive(source)) await endGuest(here, source)
      if (source) await undefineGuest(here, id)
      return 'there'
    case 'arrived-or-lost':
      return arrivedOrLost({ here, there }, destination, where)
    case 'both':
      throw new Fault('internal', `${where} runs on both hosts`, { hint: 'nova doctor says which one to stop' })
    case 'nowhere':
      throw new Fault('conflict', `${where} runs on neither host${endedByDaemon(source)}`, {
        hint: `start the server: its disks are on host ${here.host.name}, what it had in memory is lost`,
      })
  }
}

/** virDomainShutoffReason: libvirtd could not talk to the guest when it was started again, and killed it. */
const byDaemon = 8

const endedByDaemon = (domain: Domain | undefined) =>
  domain?.state === domainStates.shutOff && domain.reason === byDaemon ? ': libvirtd ended it when it came back' : ''

const end = async (context: DriverContext, domain: Domain | undefined): Promise<void> => {
  if (domain) await endGuest(context, domain)
}

/** The source is not there to answer any more, so nothing can run twice. qemu says whether it has everything. */
async function arrivedOrLost({ here, there }: Sides, waiting: Domain | undefined, where: string): Promise<'here' | 'there'> {
  const id = waiting?.id ?? ''
  const { parts } = await virsh(there, [['qemu-monitor-command', id, '--hmp', 'info', 'status']], { isAnswer: /./ })
  if (/paused/.test(parts[0] ?? '') && !/inmigrate/.test(parts[0] ?? '')) {
    await virsh(there, [['resume', id]])
    return 'there'
  }
  await end(there, waiting)
  throw new Fault('conflict', `${where} ended before all its memory was there; its disks are on host ${here.host.name}`, {
    hint: 'start the server',
  })
}
