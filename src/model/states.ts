/** Nova's three axes: what the hypervisor runs, what the user wants, what is in flight. */
export const powerStates = { pending: 0, running: 1, paused: 3, shutdown: 4, crashed: 6, suspended: 7 } as const
export type PowerState = keyof typeof powerStates

export const vmStates = [
  'building',
  'active',
  'paused',
  'suspended',
  'stopped',
  'rescued',
  'resized',
  'shelved',
  'shelved_offloaded',
  'soft-delete',
  'deleted',
  'error',
] as const
export type VmState = (typeof vmStates)[number]

export const taskStates = [
  'scheduling',
  'block_device_mapping',
  'networking',
  'spawning',
  'image_snapshot',
  'image_backup',
  'image_pending_upload',
  'image_uploading',
  'shelving',
  'shelving_image_pending_upload',
  'shelving_image_uploading',
  'shelving_offloading',
  'unshelving',
  'attaching_interface',
  'detaching_interface',
  'attaching_disk',
  'detaching_disk',
  'updating_password',
  'rebooting',
  'rebooting_hard',
  'pausing',
  'unpausing',
  'suspending',
  'resuming',
  'powering-off',
  'powering-on',
  'rescuing',
  'unrescuing',
  'rebuilding',
  'rebuild_block_device_mapping',
  'rebuild_spawning',
  'deleting',
  'soft-deleting',
  'restoring',
  'resize_prep',
  'resize_migrating',
  'resize_migrated',
  'resize_finish',
  'resize_confirming',
  'resize_reverting',
  'migrating',
  'adopting',
  'releasing',
] as const
export type TaskState = (typeof taskStates)[number]

/** The status word that the API shows for a pair of states. */
export function statusOf(server: { vmState: VmState; taskState: TaskState | null }): string {
  const byTask = server.taskState ? statusByTask[server.vmState]?.[server.taskState] : undefined
  return byTask ?? statusByVmState[server.vmState]
}
type ByTask = Partial<Record<TaskState, string>>
const resizing: ByTask = {
  resize_prep: 'RESIZE',
  resize_migrating: 'RESIZE',
  resize_migrated: 'RESIZE',
  resize_finish: 'RESIZE',
}
const activeByTask: ByTask = {
  ...resizing,
  migrating: 'MIGRATING',
  rebooting: 'REBOOT',
  rebooting_hard: 'HARD_REBOOT',
  updating_password: 'PASSWORD',
  rebuilding: 'REBUILD',
  rebuild_block_device_mapping: 'REBUILD',
  rebuild_spawning: 'REBUILD',
}
const statusByTask: Partial<Record<VmState, ByTask>> = {
  active: activeByTask,
  stopped: resizing,
  paused: { migrating: 'MIGRATING' },
  resized: { resize_reverting: 'REVERT_RESIZE' },
}
const statusByVmState: Record<VmState, string> = {
  active: 'ACTIVE',
  building: 'BUILD',
  stopped: 'SHUTOFF',
  resized: 'VERIFY_RESIZE',
  paused: 'PAUSED',
  suspended: 'SUSPENDED',
  shelved: 'SHELVED',
  shelved_offloaded: 'SHELVED_OFFLOADED',
  rescued: 'RESCUE',
  error: 'ERROR',
  deleted: 'DELETED',
  'soft-delete': 'SOFT_DELETED',
}
