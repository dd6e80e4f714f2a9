/** What libvirt knows of domains: one process for a whole look. Numbers, not words, because words are translated. */
import { Fault } from '../../core/fault.ts'
import type { PowerState } from '../../model/states.ts'
import type { DriverContext } from '../driver-context.ts'
import { isGuestId } from '../guest-directory.ts'
import { type DomainStats, numberOf, parseDomainStats } from './domain-stats.ts'
import { virsh } from './virsh.ts'

/** virDomainState. */
export const domainStates = {
  none: 0,
  running: 1,
  blocked: 2,
  paused: 3,
  shuttingDown: 4,
  shutOff: 5,
  crashed: 6,
  pmSuspended: 7,
}
/** virDomainPausedReason. */
export const pausedReasons = { migration: 2, crashed: 10, startingUp: 11, postCopy: 12, postCopyFailed: 13 }

export interface Domain {
  readonly id: string
  readonly name: string
  readonly state: number
  readonly reason: number
  /** Its memory is saved: it is suspended. */
  readonly isSaved: boolean
  /** It has no definition yet: a guest of ours that is still on its way here. */
  readonly isTransient: boolean
}

/** The domain with that id, or undefined when libvirt has none. */
export async function lookAt(context: DriverContext, id: string): Promise<Domain | undefined> {
  const { parts, refusals } = await virsh(context, lookCommands(id), { effect: 'read', isAnswer: unknownDomain })
  return refusals.length > 0 ? undefined : domainOf(id, parts)
}

const listCommands: readonly [string, ...string[]][] = [
  ['list', '--all', '--uuid', '--with-managed-save'],
  ['list', '--all', '--uuid', '--transient'],
]
export const unknownDomain = /^failed to get domain '[^']*'$/
export const lookCommands = (id: string): readonly [string, ...string[]][] => [
  ['domstats', '--raw', '--state', id],
  ...listCommands,
]

/** The answers to what was asked after `lookCommands`. */
export const afterLook = (parts: readonly string[]): readonly string[] => parts.slice(1 + listCommands.length)

/** The domain in the answers to `lookCommands`. */
export function domainOf(id: string, [stats = '', saved = '', transient = '']: readonly string[]): Domain | undefined {
  const [found] = parseDomainStats(stats)
  return found && asDomain(id, found, idsIn(saved), idsIn(transient))
}

/** Every domain of the host's libvirt, whoever made it. */
export async function lookAtAll(context: DriverContext): Promise<Domain[]> {
  const commands = [['domstats', '--raw', '--state'], ['list', '--all', '--uuid', '--name'], ...listCommands] as const
  const { parts } = await virsh(context, commands, { effect: 'read' })
  const [stats = '', named = '', saved = '', transient = ''] = parts
  const ids = new Map(
    named.split('\n').flatMap((line) => (isGuestId(line.slice(0, 36)) ? [[line.slice(37).trim(), line.slice(0, 36)]] : [])),
  )
  const [isSaved, isTransient] = [idsIn(saved), idsIn(transient)]
  return parseDomainStats(stats).flatMap((found) => {
    const id = ids.get(found.name)
    // One that came or went between the two answers is seen by the next look.
    return id === undefined ? [] : [asDomain(id, found, isSaved, isTransient)]
  })
}

function asDomain(id: string, { name, fields }: DomainStats, saved: ReadonlySet<string>, transient: ReadonlySet<string>): Domain {
  const [state, reason] = [numberOf(fields, 'state.state'), numberOf(fields, 'state.reason')]
  if (state === undefined)
    throw new Fault('internal', `virsh domstats tells no state of domain ${JSON.stringify(name.slice(0, 80))}`)
  return { id, name, state, reason: reason ?? 0, isSaved: saved.has(id), isTransient: transient.has(id) }
}

const idsIn = (text: string) =>
  new Set(
    text
      .split('\n')
      .map((line) => line.trim())
      .filter(isGuestId),
  )

/** The domain's state in Nova's words. */
export function powerStateOf(domain: Domain): PowerState {
  const { state, reason, isSaved } = domain
  if (isArriving(domain)) return 'pending'
  switch (state) {
    case domainStates.running:
    case domainStates.blocked:
      return 'running'
    case domainStates.paused:
      return reason === pausedReasons.crashed ? 'crashed' : 'paused'
    case domainStates.shutOff:
      return isSaved ? 'suspended' : 'shutdown'
    case domainStates.shuttingDown:
      return 'shutdown'
    case domainStates.crashed:
      return 'crashed'
    case domainStates.pmSuspended:
      return 'suspended'
    default:
      return 'pending'
  }
}

export const isPausedFor = ({ state, reason }: Domain, why: number): boolean => state === domainStates.paused && reason === why

/** Whether it waits for its memory, which comes from another host: it has not run here. */
export const isArriving = (domain: Domain): boolean => domain.isTransient && isPausedFor(domain, pausedReasons.migration)

/** Whether a process runs for it. */
export const isActive = ({ state }: Domain): boolean => state !== domainStates.shutOff && state !== domainStates.crashed
