import { Fault } from '../core/fault.ts'
import type { Server } from './server.ts'
import { statusOf, type TaskState, type VmState } from './states.ts'

/** Which vm states an action may start from, and which task states it may interrupt (none unless listed). */
interface Guard {
  readonly vmStates: readonly VmState[]
  readonly tasks?: readonly TaskState[] | 'any'
}

const kept: readonly VmState[] = ['active', 'stopped', 'paused', 'suspended']
const reboots: readonly VmState[] = ['active', 'stopped', 'paused', 'suspended']

/** Nova's table (7.1): a missing row does not compile. */
export const guards = {
  stop: { vmStates: ['active', 'rescued', 'error'] },
  start: { vmStates: ['stopped'] },
  reboot: { vmStates: ['active'] },
  'reboot-hard': {
    vmStates: [...reboots, 'error'],
    tasks: ['rebooting', 'rebooting_hard', 'resuming', 'unpausing', 'pausing', 'suspending'],
  },
  rebuild: { vmStates: ['active', 'stopped', 'error'] },
  pause: { vmStates: ['active', 'rescued'] },
  unpause: { vmStates: ['paused'] },
  suspend: { vmStates: ['active', 'rescued'] },
  resume: { vmStates: ['suspended'] },
  rescue: { vmStates: ['active', 'stopped', 'error'] },
  unrescue: { vmStates: ['rescued'] },
  resize: { vmStates: ['active', 'stopped'] },
  migrate: { vmStates: ['active', 'stopped'] },
  'live-migrate': { vmStates: ['active', 'paused'] },
  // Whatever it did when its host died.
  evacuate: { vmStates: [...reboots, 'rescued', 'error'] },
  // After reset-state a move still has to end: whether there is one, its record says.
  confirm: { vmStates: ['resized', 'error'] },
  revert: { vmStates: ['resized', 'error'] },
  'set-password': { vmStates: ['active'] },
  'create-image': { vmStates: kept },
  backup: { vmStates: ['active', 'stopped'] },
  shelve: { vmStates: kept },
  'shelve-offload': { vmStates: ['shelved'] },
  unshelve: { vmStates: ['shelved', 'shelved_offloaded'] },
  'attach-interface': { vmStates: ['active', 'stopped', 'paused'] },
  'detach-interface': { vmStates: ['active', 'stopped', 'paused'] },
  'add-disk': { vmStates: ['active', 'stopped', 'paused'] },
  'remove-disk': { vmStates: ['active', 'stopped', 'paused'] },
  // What it may interrupt leaves a server that can be started again.
  'soft-delete': {
    vmStates: [...kept, 'rescued', 'resized', 'shelved', 'shelved_offloaded', 'error'],
    tasks: [
      ...['powering-off', 'powering-on', 'rebooting', 'rebooting_hard', 'pausing', 'unpausing', 'suspending', 'resuming'],
      ...['updating_password', 'image_snapshot', 'image_backup', 'image_pending_upload', 'image_uploading'],
    ] as readonly TaskState[],
  },
  restore: { vmStates: ['soft-delete'] },
} as const satisfies Record<string, Guard>

export type GuardedAction = keyof typeof guards

/** What works on a domain of somebody else's as it does on our own: it needs neither its disks nor another definition. */
const withAdopted: ReadonlySet<GuardedAction> = new Set<GuardedAction>([
  'stop',
  'start',
  'reboot',
  'reboot-hard',
  'pause',
  'unpause',
  'suspend',
  'resume',
  'set-password',
])

/** Throws `conflict`, naming the server, its state and what the action needs. */
export function guard(action: GuardedAction, server: Server): void {
  const { vmStates, tasks }: Guard = guards[action]
  if (server.adopted !== null && !withAdopted.has(action)) throw adoptedFault(action, server)
  if (!vmStates.includes(server.vmState))
    throw new Fault('conflict', `cannot ${action} server ${server.name}: it is ${statusOf(server)} (${server.vmState})`, {
      hint: `${action} needs ${vmStates.join(' or ')}${server.vmState === 'soft-delete' ? waysOut(server) : ''}`,
    })
  if (server.taskState !== null && tasks !== 'any' && !tasks?.includes(server.taskState))
    throw new Fault('conflict', `cannot ${action} server ${server.name}: it is busy (${server.taskState})`, {
      hint: `wait for it: nova wait ${server.name}`,
    })
}

/** What is left to do with a soft-deleted server. */
const waysOut = ({ name }: Pick<Server, 'name'>) => `: nova restore ${name}, or nova force-delete ${name}`

/** Refuses what keeps the root disk alone and destroys the others. */
export function needNoDisks(action: string, { name, disks }: Pick<Server, 'name' | 'disks'>): void {
  if (disks.length === 0) return
  const names = disks.map((disk) => disk.name).join(', ')
  throw new Fault('conflict', `cannot ${action} server ${name}: an image keeps its root disk alone, it would lose ${names}`, {
    hint: `copy what is on it, then nova server remove-disk ${name} ${disks[0]?.name}`,
  })
}

/** Why an adopted server cannot be treated as one that nova made. */
export const adoptedFault = (action: string, { name, adopted }: Pick<Server, 'name' | 'adopted'>): Fault =>
  new Fault(
    'unsupported',
    `cannot ${action} server ${name}: it was adopted as domain ${adopted?.domain ?? '(unknown)'}, its disks and its definition are not nova's`,
    { hint: `nova import release ${name} lets it go as it is` },
  )

/** Throws `conflict` when somebody locked the server. Its project takes its own lock away, an administrator any. */
export function guardLock(action: string, server: Server, isAdmin: boolean): void {
  const mayUnlock = isAdmin || server.lockedBy === 'owner'
  if (server.lockedBy === null || (action === 'unlock' && mayUnlock)) return
  const whose = server.lockedBy === 'owner' ? 'its owner' : 'an administrator'
  const why = server.lockedReason ? `: ${server.lockedReason}` : ''
  throw new Fault('conflict', `cannot ${action} server ${server.name}: it is locked by ${whose}${why}`, {
    hint: mayUnlock ? `nova unlock ${server.name}` : 'an administrator can unlock it',
  })
}
