/**
 * Nova's periodic tasks as rows: each is one action with an input that the settings decide.
 * Tasks of Nova that have no row: `heal_instance_info_cache`, `poll_bandwidth_usage`, `poll_volume_usage` and
 * `expire_reservations` (nothing is cached, metered or reserved that could go stale).
 */
import type { AnyAction } from '../../core/action.ts'
import type { Settings } from '../../settings.ts'

export interface PeriodicTask {
  /** Nova's name without its underscore. */
  readonly name: string
  readonly summary: string
  readonly action: string
  /** Seconds between two runs; 0 is off. */
  every(settings: Settings): number
  readonly input: (settings: Settings) => object
  load(): Promise<AnyAction>
}

/** Nova's base cycle, for tasks whose setting is an age and not an interval. */
const cycle = 60
const everyCycleIf = (age: number) => (age > 0 ? cycle : 0)
const nothing = () => ({})

export const periodicTasks: readonly PeriodicTask[] = [
  {
    name: 'check_instance_build_time',
    summary: 'servers that build longer than instanceBuildTimeout go to error',
    action: 'server.fail-stuck-builds',
    every: ({ instanceBuildTimeout }) => everyCycleIf(instanceBuildTimeout),
    input: nothing,
    load: async () => (await import('../server/fail-stuck-builds.ts')).failStuckBuilds,
  },
  {
    name: 'poll_rebooting_instances',
    summary: 'servers that reboot longer than rebootTimeout are rebooted hard',
    action: 'server.reboot-stuck',
    every: ({ rebootTimeout }) => everyCycleIf(rebootTimeout),
    input: nothing,
    load: async () => (await import('../server/reboot-stuck.ts')).rebootStuck,
  },
  {
    name: 'poll_rescued_instances',
    summary: 'servers that are rescued longer than rescueTimeout are unrescued',
    action: 'server.unrescue-expired',
    every: ({ rescueTimeout }) => everyCycleIf(rescueTimeout),
    input: nothing,
    load: async () => (await import('../server/unrescue-expired.ts')).unrescueExpired,
  },
  {
    name: 'poll_unconfirmed_resizes',
    summary: 'resizes that wait longer than resizeConfirmWindow are confirmed',
    action: 'server.confirm-expired',
    every: ({ resizeConfirmWindow }) => everyCycleIf(resizeConfirmWindow),
    input: nothing,
    load: async () => (await import('../server/confirm-expired.ts')).confirmExpired,
  },
  {
    name: 'poll_shelved_instances',
    summary: 'servers that are shelved longer than shelvedOffloadTime leave their hosts',
    action: 'server.offload-expired',
    every: ({ shelvedPollInterval }) => shelvedPollInterval,
    input: nothing,
    load: async () => (await import('../server/offload-expired.ts')).offloadExpired,
  },
  {
    name: 'reclaim_queued_deletes',
    summary: 'servers that were soft deleted longer than reclaimInstanceInterval ago are deleted for good',
    action: 'server.reclaim',
    every: ({ reclaimInstanceInterval }) => everyCycleIf(reclaimInstanceInterval),
    input: nothing,
    load: async () => (await import('../server/reclaim.ts')).reclaim,
  },
  {
    name: 'sync_power_states',
    summary: 'what guests really do is recorded',
    action: 'server.sync-power-states',
    every: ({ syncPowerStateInterval }) => syncPowerStateInterval,
    input: nothing,
    load: async () => (await import('../server/sync-power-states.ts')).syncPowerStates,
  },
  {
    name: 'update_available_resource',
    summary: 'what hosts have is read again',
    action: 'host.refresh',
    every: ({ updateResourcesInterval }) => updateResourcesInterval,
    input: nothing,
    load: async () => (await import('../host/refresh.ts')).refresh,
  },
  {
    name: 'cleanup_running_deleted_instances',
    summary: 'guests of deleted servers are told of or reaped, as runningDeletedInstanceAction says',
    action: 'doctor.run',
    every: ({ runningDeletedInstanceAction: action, runningDeletedInstancePollInterval: seconds }) =>
      action === 'noop' ? 0 : seconds,
    input: ({ runningDeletedInstanceAction: action }) => ({ codes: ['NVD002'], fix: action === 'reap' }),
    load: async () => (await import('../doctor/run.ts')).run,
  },
  {
    name: 'cleanup_incomplete_migrations',
    summary: 'guests that were put aside for moves that ended are removed',
    action: 'doctor.run',
    every: ({ instanceDeleteInterval }) => instanceDeleteInterval,
    input: () => ({ codes: ['NVD014'], fix: true }),
    load: async () => (await import('../doctor/run.ts')).run,
  },
  {
    name: 'run_image_cache_manager_pass',
    summary: 'cached images that nothing wanted for removeUnusedOriginalMinimumAge are removed',
    action: 'cache.gc',
    every: ({ imageCacheManagerInterval }) => imageCacheManagerInterval,
    input: nothing,
    load: async () => (await import('../cache/gc.ts')).gc,
  },
  {
    name: 'instance_usage_audit',
    summary: 'every server of the last period is told of, with compute.instance.exists',
    action: 'usage.audit',
    every: ({ instanceUsageAudit }) => (instanceUsageAudit ? 600 : 0),
    input: nothing,
    load: async () => (await import('../usage/audit.ts')).audit,
  },
  {
    name: 'archive_deleted_servers',
    summary: 'servers that were deleted longer than archiveAfterDays ago go to the archive',
    action: 'db.archive',
    every: ({ archiveAfterDays }) => (archiveAfterDays > 0 ? 3600 : 0),
    input: ({ archiveAfterDays }) => ({ olderThanDays: archiveAfterDays }),
    load: async () => (await import('../db/archive.ts')).archive,
  },
  {
    name: 'purge_history',
    summary: 'revisions that are older than purgeHistoryAfterDays are dropped',
    action: 'db.purge-history',
    every: ({ purgeHistoryAfterDays }) => (purgeHistoryAfterDays > 0 ? 86_400 : 0),
    input: ({ purgeHistoryAfterDays }) => ({ olderThanDays: purgeHistoryAfterDays }),
    load: async () => (await import('../db/purge-history.ts')).purgeHistory,
  },
]
