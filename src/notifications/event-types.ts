/** Nova's event types for what is recorded here: the table that the derivation and its reference page are made from. */
import type { FlowRecord } from '../model/flow.ts'
import type { Migration } from '../model/migration.ts'
import type { TaskState } from '../model/states.ts'

/** The types of an operation, each behind `compute.instance.`. */
export interface Lifecycle {
  readonly start: string
  readonly end: string
  readonly error: string
}

/** Nova's words for operations that it calls otherwise than their records do. */
const stems: ReadonlyMap<string, string> = new Map([
  ['start', 'power_on'],
  ['stop', 'power_off'],
  ['reboot-hard', 'reboot'],
  ['confirm', 'resize.confirm'],
  ['revert', 'resize.revert'],
  ['createImage', 'snapshot'],
  ['createBackup', 'snapshot'],
  ['attachInterface', 'interface_attach'],
  ['detachInterface', 'interface_detach'],
])

const move: Lifecycle = { start: 'resize.prep.start', end: 'finish_resize.end', error: 'resize.error' }
const lifecycles: ReadonlyMap<string, Lifecycle> = new Map([
  ['resize', move],
  ['migrate', move],
  ['live-migrate', { start: 'live_migration.pre.start', end: 'live_migration._post.end', error: 'live_migration._rollback.end' }],
])

const snake = (word: string) => word.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`).replaceAll('-', '_')

/** The types of an operation by its action's word. */
export function lifecycleOf(action: string): Lifecycle {
  const stem = stems.get(action) ?? snake(action)
  return lifecycles.get(action) ?? { start: `${stem}.start`, end: `${stem}.end`, error: `${stem}.error` }
}

/** A change that needed no steps: its one type, or undefined when `update` says it all. */
export const noteType = (action: FlowRecord['action']): string | undefined => notedTypes.get(action)
export const notedTypes: ReadonlyMap<string, string> = new Map([
  ['lock', 'lock'],
  ['unlock', 'unlock'],
  ['set-password', 'set_admin_password'],
  ['exists', 'exists'],
])

/** Types that tell how far a move is, when the server comes to a task state. */
export const taskTypes: ReadonlyMap<TaskState, readonly string[]> = new Map<TaskState, readonly string[]>([
  ['resize_migrating', ['resize.prep.end', 'resize.start']],
  ['resize_migrated', ['resize.end']],
  ['resize_finish', ['finish_resize.start']],
])

/** The same for a live move, when its migration comes to a status. */
export const migrationTypes: ReadonlyMap<Migration['status'], string> = new Map<Migration['status'], string>([
  ['running', 'live_migration.pre.end'],
  ['post-migrating', 'live_migration._post.start'],
])

/** A thing beside servers: its types when it comes, changes and goes. */
export interface ThingTypes {
  readonly created: string
  readonly updated: string
  readonly deleted: string
}

export const thingTypes = {
  hosts: { created: 'service.create', updated: 'service.update', deleted: 'service.delete' },
  images: { created: 'image.create', updated: 'image.update', deleted: 'image.delete' },
  flavors: { created: 'flavor.create', updated: 'flavor.update', deleted: 'flavor.delete' },
  keypairs: { created: 'keypair.create.end', updated: 'keypair.update', deleted: 'keypair.delete.end' },
  aggregates: { created: 'aggregate.create.end', updated: 'aggregate.updateprop.end', deleted: 'aggregate.delete.end' },
  serverGroups: { created: 'servergroup.create', updated: 'servergroup.update', deleted: 'servergroup.delete' },
} as const satisfies Record<string, ThingTypes>
export type ThingTable = keyof typeof thingTypes

/** A boot that found no host: it never became an operation. */
export const refusedType = 'compute_task.build_instances'
/** Any change of a server's states, name, host, metadata or lock. */
export const updateType = 'compute.instance.update'
