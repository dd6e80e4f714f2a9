/**
 * Terminology.
 * - migration: one move of a server between two hosts, or to another flavor; open until it can go only one way.
 * - source and destination: the hosts; both hold a claim while the migration is open.
 */
import { z } from '../core/schema.ts'
import { type FlavorCopy, flavorCopy } from './flavor.ts'
import type { Server } from './server.ts'

export const migrationStatuses = ['migrating', 'finished', 'confirming', 'reverting', 'confirmed', 'reverted', 'error'] as const

export const migrationRecord = z.object({
  id: z.string(),
  generation: z.int(),
  serverId: z.string(),
  projectId: z.string(),
  type: z.enum(['resize', 'cold']),
  /** `finished` waits for confirm or revert; once one of them has begun, only that one can end it. */
  status: z.enum(migrationStatuses),
  /** True while both hosts hold something of the server. */
  open: z.boolean(),
  sourceHost: z.string(),
  destHost: z.string(),
  oldFlavor: flavorCopy,
  newFlavor: flavorCopy,
  /** What a revert goes back to. */
  oldVmState: z.enum(['active', 'stopped']),
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
    createdAt: true,
    updatedAt: true,
  })
  .extend({ server: z.string().describe('name of the server'), oldFlavor: z.string(), newFlavor: z.string() })
export type MigrationView = z.infer<typeof migrationView>

export function viewOfMigration(migration: Migration, server: Pick<Server, 'name'> | undefined): MigrationView {
  const { id, serverId, type, status, sourceHost, destHost, createdAt, updatedAt, oldFlavor, newFlavor } = migration
  const names = { server: server?.name ?? serverId, oldFlavor: oldFlavor.name, newFlavor: newFlavor.name }
  return { id, ...names, serverId, type, status, sourceHost, destHost, createdAt, updatedAt }
}

const openStatuses: readonly Migration['status'][] = ['migrating', 'finished', 'confirming', 'reverting']

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
