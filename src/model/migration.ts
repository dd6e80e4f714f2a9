/**
 * Terminology.
 * - migration: one move of a server between two hosts, or to another flavor; open until it can go only one way.
 * - source and destination: the hosts; both hold a claim while the migration is open.
 */
import { z } from '../core/schema.ts'
import { type FlavorCopy, flavorCopy } from './flavor.ts'
import type { Server } from './server.ts'

/** Moves of stopped guests first, then those of live ones by Nova's words; both may end in `error`. */
export const migrationStatuses = [
  'migrating',
  'finished',
  'confirming',
  'reverting',
  'confirmed',
  'reverted',
  'queued',
  'preparing',
  'running',
  'post-migrating',
  'completed',
  'cancelled',
  'error',
] as const

const part = z.object({ total: z.number(), remaining: z.number() })

/** How far a live move is, in bytes, and when that was. */
const liveProgress = z.object({
  phase: z.enum(['disks', 'memory', 'post-copy', 'switch-over']),
  disks: part,
  memory: part,
  at: z.string(),
})

/** What was asked for; `storage` is null until the hosts were looked at. */
export const liveOptions = z.object({
  transport: z.enum(['tunnel', 'tls', 'tcp']),
  storage: z.enum(['shared', 'copy']).nullable(),
  maxDowntimeMs: z.int().nullable(),
  /** MiB a second. */
  bandwidth: z.int().nullable(),
  autoConverge: z.boolean(),
  postCopy: z.boolean(),
})
export type LiveOptions = z.infer<typeof liveOptions>

const liveResult = z.object({
  downtimeMs: z.number().nullable(),
  totalMs: z.number().nullable(),
  memoryBytes: z.number().nullable(),
  diskBytes: z.number().nullable(),
})

export const migrationRecord = z.object({
  id: z.string(),
  generation: z.int(),
  serverId: z.string(),
  projectId: z.string(),
  type: z.enum(['resize', 'cold', 'live']),
  /** `finished` waits for confirm or revert; once one of them has begun, only that one can end it. */
  status: z.enum(migrationStatuses),
  /** True while both hosts hold something of the server. */
  open: z.boolean(),
  sourceHost: z.string(),
  destHost: z.string(),
  oldFlavor: flavorCopy,
  newFlavor: flavorCopy,
  /** What a revert goes back to; what a live move keeps. */
  oldVmState: z.enum(['active', 'stopped', 'paused']),
  /** Of a move while stopped: both hosts see one directory. */
  storage: z.literal('shared').optional(),
  /** What a person asks of a live move that is under way; whoever works on it looks here. */
  order: z.enum(['abort', 'force-complete']).nullable(),
  /** These three are null for a move that is not live. */
  progress: liveProgress.nullable(),
  options: liveOptions.nullable(),
  result: liveResult.nullable(),
  /** Why it failed or was cancelled, or what it left behind. */
  reason: z.string().nullable(),
  requestId: z.string(),
  createdAt: z.string(),
  updatedAt: z.string(),
})
export type Migration = z.infer<typeof migrationRecord>

/** A migration as callers see it. */
export const migrationView = migrationRecord
  .pick({
    id: true,
    serverId: true,
    type: true,
    status: true,
    sourceHost: true,
    destHost: true,
    order: true,
    progress: true,
    options: true,
    result: true,
    reason: true,
    createdAt: true,
    updatedAt: true,
  })
  .extend({
    server: z.string().describe('name of the server'),
    oldFlavor: z.string(),
    newFlavor: z.string(),
    percent: z.int().nullable().describe('of the bytes of a live move that is known to be under way'),
  })
export type MigrationView = z.infer<typeof migrationView>

export function viewOfMigration(migration: Migration, server: Pick<Server, 'name'> | undefined): MigrationView {
  const { id, serverId, type, status, sourceHost, destHost, createdAt, updatedAt, oldFlavor, newFlavor } = migration
  const { order, progress, options, result, reason } = migration
  const names = { server: server?.name ?? serverId, oldFlavor: oldFlavor.name, newFlavor: newFlavor.name }
  const live = { order, progress, options, result, reason, percent: percentOf(migration) }
  return { id, ...names, serverId, type, status, sourceHost, destHost, ...live, createdAt, updatedAt }
}

function percentOf({ status, progress }: Migration): number | null {
  if (status === 'completed') return 100
  if (progress === null) return null
  const total = progress.disks.total + progress.memory.total
  const remaining = progress.disks.remaining + progress.memory.remaining
  return total <= 0 ? null : Math.max(0, Math.min(100, Math.floor((1 - remaining / total) * 100)))
}

const openStatuses: readonly Migration['status'][] = [
  'migrating',
  'finished',
  'confirming',
  'reverting',
  'queued',
  'preparing',
  'running',
  'post-migrating',
]

/** Whether both sides still hold something in that status. */
export const isOpen = (status: Migration['status']): boolean => openStatuses.includes(status)

/** One host's claim for a server. */
export interface Claim {
  readonly host: string
  readonly flavor: FlavorCopy
}

/** What a server claims and where: on both sides of an open migration, else on its host. */
export function claimsOf(server: Pick<Server, 'host' | 'flavor'>, open: Migration | undefined): Claim[] {
  if (open)
    return [
      { host: open.sourceHost, flavor: open.oldFlavor },
      { host: open.destHost, flavor: open.newFlavor },
    ]
  return server.host === null ? [] : [{ host: server.host, flavor: server.flavor }]
}

/** Open migrations by their server. */
export const byServer = (migrations: readonly Migration[]): ReadonlyMap<string, Migration> =>
  new Map(migrations.filter(({ open }) => open).map((migration) => [migration.serverId, migration]))

type Larger = Pick<FlavorCopy, 'vcpus' | 'ram'>

/** What a server counts in its project's quota: the larger of the two flavors while it can still go back. */
export function countedFlavor(server: Pick<Server, 'flavor'>, open: Migration | undefined): Larger {
  if (!open) return server.flavor
  const { oldFlavor, newFlavor } = open
  return { vcpus: Math.max(oldFlavor.vcpus, newFlavor.vcpus), ram: Math.max(oldFlavor.ram, newFlavor.ram) }
}
