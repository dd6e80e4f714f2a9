import type { SchedulerSettings } from './scheduler/types.ts'

/** Every setting with its default; Nova's name and value where Nova has one. */
export interface Settings extends SchedulerSettings {
  readonly cpuAllocationRatio: number
  readonly ramAllocationRatio: number
  readonly diskAllocationRatio: number
  readonly reservedHostMemoryMb: number
  readonly reservedHostDiskGb: number
  readonly schedulerMaxAttempts: number
  /** Seconds that a guest gets to shut down by itself. */
  readonly shutdownTimeout: number
  /** Whether a resize may stay on its host, which then holds both copies until it is confirmed. */
  readonly allowResizeToSameHost: boolean
  /** Seconds after which a resize that nobody confirmed counts as expired; 0 is never. */
  readonly resizeConfirmWindow: number
  /** Seconds that a deleted server is kept, shut down, for `nova restore`; 0 deletes for good at once. */
  readonly reclaimInstanceInterval: number
  /** Seconds after which a shelved server leaves its host: 0 is at once, -1 never. */
  readonly shelvedOffloadTime: number
  /** What a sync does with a guest that runs though its server is stopped: `report` it, or `stop` it again as Nova did. */
  readonly syncPowerStateAction: 'report' | 'stop'
  /** Seconds that a cached image must be unused before a clean-up of the cache removes it. */
  readonly removeUnusedOriginalMinimumAge: number
  /** Days after which a deleted server is archived with all that belongs to it; 0 is never. */
  readonly archiveAfterDays: number
  /** Days after which revisions are dropped from the history; 0 is never. */
  readonly purgeHistoryAfterDays: number
  /** Milliseconds that one call to a compute host may take. */
  readonly computeDeadlineMs: number
  /** Bytes of an image that may be created. */
  readonly maxImageBytes: number
  /** Directory under which a new host gets its own for servers and images; null until the composition root knows it. */
  readonly instancesPath: string | null
  /** Seconds that the daemon waits for its flows to reach a step boundary before it ends. */
  readonly daemonDrainSeconds: number
  /** Seconds between two looks of the daemon for operations whose process died. */
  readonly daemonAdoptSeconds: number
  /** Calls that the daemon works at once; administrators have as many places of their own. */
  readonly rpcMaxRunning: number
  /** Calls that may wait for their turn; what comes beyond them is refused with a time to come again. */
  readonly rpcMaxWaiting: number
  /** Connections that one door of the daemon keeps. */
  readonly rpcMaxConnections: number
  /** Seconds without a call after which the daemon closes a connection. */
  readonly rpcIdleSeconds: number
  /** ADDRESS:PORT on which the daemon takes calls over HTTPS; empty is nowhere. */
  readonly httpsListen: string
  /** PEM file with the certificate of the HTTPS door, and those that lead to its authority. */
  readonly httpsCertificate: string
  /** PEM file with the key of that certificate. */
  readonly httpsKey: string
  /** ADDRESS:PORT for /healthz, /readyz and /metrics without TLS and tokens, on loopback; empty is nowhere. */
  readonly metricsListen: string
  /** Wrong tokens that one address may send in a minute before all its calls are refused. */
  readonly tokenFailuresPerMinute: number
  /** Calls a minute that one user may make, administrators aside; 0 is as many as they like. */
  readonly userCallsPerMinute: number
  /** The same for all users of one project together. */
  readonly projectCallsPerMinute: number
  /** postgres://USER@HOST/DATABASE of the records; empty keeps them in the state directory. */
  readonly database: string
  /** amqps://USER@HOST of the message queue between daemons; empty is one daemon that does everything. */
  readonly bus: string
  /** What the daemon does when there is a bus: `api`, `conductor`, `compute`. */
  readonly daemonRoles: readonly string[]
  /** Hosts that a daemon with the role compute serves. */
  readonly daemonHosts: readonly string[]
  /** The daemon's name among the services; empty is the machine's. */
  readonly serviceName: string
  /** Seconds between two reports of a service that it is there. */
  readonly serviceReportSeconds: number
  /** Whether the daemon runs periodic tasks; a task whose interval is 0 never runs by itself. */
  readonly periodicEnable: boolean
  /** Seconds over which first runs of periodic tasks are spread by chance. */
  readonly periodicFuzzyDelay: number
  /** Seconds that a server may be building before it counts as failed; 0 is for ever. */
  readonly instanceBuildTimeout: number
  /** Seconds that a server may be rebooting before it is rebooted hard; 0 is for ever. */
  readonly rebootTimeout: number
  /** Seconds that a server may be rescued before it is unrescued; 0 is for ever. */
  readonly rescueTimeout: number
  /** Seconds between two records of what guests really do. */
  readonly syncPowerStateInterval: number
  /** Whether the daemon follows the guests of its hosts, and records within seconds what one does by itself. */
  readonly handleVirtLifecycleEvents: boolean
  /** Seconds between two readings of what hosts have; Nova's 60 would fill the history. */
  readonly updateResourcesInterval: number
  /** Seconds between two looks for guests of deleted servers. */
  readonly runningDeletedInstancePollInterval: number
  /** What is done with such a guest: `log` it, `reap` it, or `noop`. */
  readonly runningDeletedInstanceAction: 'log' | 'reap' | 'noop'
  /** Seconds between two clean-ups of the image caches of hosts. */
  readonly imageCacheManagerInterval: number
  /** Seconds between two looks for servers that are shelved on their host for too long. */
  readonly shelvedPollInterval: number
  /** Seconds between two looks for what ended moves left on hosts. */
  readonly instanceDeleteInterval: number
  /** Whether every server is told of once a period (`compute.instance.exists`). */
  readonly instanceUsageAudit: boolean
  /** That period: `hour`, `day`, `month` or `year`, by UTC. */
  readonly instanceUsageAuditPeriod: 'hour' | 'day' | 'month' | 'year'
  /** Whether webhooks may go to addresses of this machine and its networks, and without TLS. */
  readonly webhookAllowPrivate: boolean
  /** Times that a webhook is tried before the notification goes to the list of failed ones. */
  readonly webhookTries: number
  /** Seconds before the second try; each further one waits twice as long, five minutes at most. */
  readonly webhookRetrySeconds: number
  /** Seconds that a receiver has for its answer. */
  readonly webhookTimeoutSeconds: number
  /** Seconds that a lifecycle hook in hooks.d may run. */
  readonly hookTimeout: number
  /** Least level of what the daemon logs: trace, debug, info, warn, error or silent. */
  readonly logLevel: string
  /** Bytes after which the daemon begins a new log file. */
  readonly logMaxBytes: number
}

export const defaultSettings: Settings = {
  cpuAllocationRatio: 16,
  ramAllocationRatio: 1.5,
  diskAllocationRatio: 1,
  reservedHostMemoryMb: 512,
  reservedHostDiskGb: 0,
  schedulerMaxAttempts: 3,
  shutdownTimeout: 60,
  allowResizeToSameHost: false,
  resizeConfirmWindow: 0,
  reclaimInstanceInterval: 0,
  shelvedOffloadTime: 0,
  syncPowerStateAction: 'report',
  removeUnusedOriginalMinimumAge: 86_400,
  archiveAfterDays: 0,
  purgeHistoryAfterDays: 0,
  computeDeadlineMs: 600_000,
  maxImageBytes: 1024 ** 4,
  instancesPath: null,
  daemonDrainSeconds: 30,
  daemonAdoptSeconds: 5,
  rpcMaxRunning: 128,
  rpcMaxWaiting: 1024,
  rpcMaxConnections: 256,
  rpcIdleSeconds: 600,
  httpsListen: '',
  httpsCertificate: '',
  httpsKey: '',
  metricsListen: '',
  tokenFailuresPerMinute: 10,
  userCallsPerMinute: 0,
  projectCallsPerMinute: 0,
  database: '',
  bus: '',
  daemonRoles: ['api', 'conductor', 'compute'],
  daemonHosts: [],
  serviceName: '',
  serviceReportSeconds: 10,
  periodicEnable: true,
  periodicFuzzyDelay: 60,
  instanceBuildTimeout: 0,
  rebootTimeout: 0,
  rescueTimeout: 0,
  syncPowerStateInterval: 600,
  handleVirtLifecycleEvents: true,
  updateResourcesInterval: 600,
  runningDeletedInstancePollInterval: 1800,
  runningDeletedInstanceAction: 'log',
  imageCacheManagerInterval: 2400,
  shelvedPollInterval: 3600,
  instanceDeleteInterval: 300,
  instanceUsageAudit: false,
  instanceUsageAuditPeriod: 'month',
  webhookAllowPrivate: false,
  webhookTries: 8,
  webhookRetrySeconds: 1,
  webhookTimeoutSeconds: 10,
  hookTimeout: 30,
  logLevel: 'info',
  logMaxBytes: 10 * 1024 ** 2,
  filters: [
    'RetryFilter',
    'AvailabilityZoneFilter',
    'ComputeFilter',
    'RamFilter',
    'CoreFilter',
    'DiskFilter',
    'ComputeCapabilitiesFilter',
    'ImagePropertiesFilter',
    'AggregateInstanceExtraSpecsFilter',
    'AggregateMultiTenancyIsolation',
    'AggregateImagePropertiesIsolation',
    'AggregateTypeAffinityFilter',
    'IsolatedHostsFilter',
    'SameHostFilter',
    'DifferentHostFilter',
    'SimpleCIDRAffinityFilter',
    'JsonFilter',
    'ServerGroupAffinityFilter',
    'ServerGroupAntiAffinityFilter',
    'IoOpsFilter',
    'NumInstancesFilter',
    'NUMATopologyFilter',
    'PciPassthroughFilter',
  ],
  weighers: [
    { name: 'ram', multiplier: 1 },
    { name: 'cpu', multiplier: 1 },
    { name: 'disk', multiplier: 1 },
    { name: 'io-ops', multiplier: -1 },
    { name: 'soft-affinity', multiplier: 1 },
    { name: 'soft-anti-affinity', multiplier: 1 },
    { name: 'build-failure', multiplier: 1_000_000 },
    { name: 'server-group', multiplier: 0 },
  ],
  hostSubsetSize: 1,
  maxIoOpsPerHost: 8,
  maxInstancesPerHost: 50,
  pciAliases: [],
  isolatedHosts: [],
  isolatedImages: [],
  restrictIsolatedHosts: true,
  defaultZone: 'nova',
  downAfterMs: 60_000,
}
