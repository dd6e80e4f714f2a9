/** The records that an accepted boot writes. */
import type { Pairs } from '../../core/schema.ts'
import { iso } from '../../core/time.ts'
import type { RequestRecord } from '../../model/request.ts'
import type { Server } from '../../model/server.ts'
import type { Decision, PlacementRequest } from '../../scheduler/types.ts'
import type { Context } from '../context.ts'
import { newNic } from './asked-nic.ts'

export interface BootInput {
  readonly name: string
  readonly image?: string | undefined
  readonly flavor: string
  readonly keyName?: string | undefined
  readonly userData?: string | undefined
  readonly metadata: Pairs
  readonly availabilityZone?: string | undefined
  readonly hints: Pairs
  readonly configDrive: boolean
  readonly nic: string
  readonly minCount: number
  readonly maxCount: number
  readonly idempotencyKey?: string | undefined
  readonly wait: boolean
}

/** The unique form of a caller's idempotency key. */
export const keyOf = (key: string, context: Context) => `${context.projectId}/${key}`

/** The request itself, without what became of it. */
export function bootRequestRecord(
  input: BootInput,
  inputHash: string,
  context: Context,
): Omit<RequestRecord, 'generation' | 'serverIds' | 'decisions' | 'fault'> {
  return {
    id: context.requestId,
    projectId: context.projectId,
    userId: context.userId,
    action: 'server.create',
    serverName: input.name,
    idempotencyKey: input.idempotencyKey === undefined ? null : keyOf(input.idempotencyKey, context),
    inputHash,
    createdAt: iso(context.clock.wall()),
  }
}

/** Of several servers of one boot each gets a number. */
export const nameOf = (base: string, index: number, total: number) => (total === 1 ? base : `${base}-${index + 1}`)

/** A name that guests can have as their own. */
export const hostnameOf = (name: string, id: string) =>
  name
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 63) || `server-${id.slice(0, 8)}`

/** A server that is claimed on a host and not built yet. */
export function newServer(
  decision: Decision,
  index: number,
  total: number,
  at: string,
  request: PlacementRequest,
  input: BootInput,
  context: Context,
): Omit<Server, 'generation'> {
  const name = nameOf(input.name, index, total)
  const nic = newNic(input.nic, context)
  return {
    id: decision.serverId,
    projectId: context.projectId,
    userId: context.userId,
    name,
    hostname: hostnameOf(name, decision.serverId),
    vmState: 'building',
    taskState: 'scheduling',
    powerState: 'pending',
    lockedBy: null,
    lockedReason: null,
    host: decision.chosen,
    availabilityZone: request.availabilityZone,
    imageId: request.image?.id ?? null,
    rootImageId: null,
    shelved: null,
    flavor: request.flavor,
    keyName: input.keyName ?? null,
    metadata: input.metadata.map(([key, value]) => [key, value]),
    hints: input.hints.map(([key, value]) => [key, value]),
    groupId: request.group?.id ?? null,
    configDrive: input.configDrive,
    nics: nic === null ? [] : [nic],
    disks: [],
    stateBeforeRescue: null,
    rescueImageId: null,
    stateBeforeDelete: null,
    machine: null,
    adopted: null,
    fault: null,
    requestId: context.requestId,
    deleted: false,
    createdAt: at,
    updatedAt: at,
    launchedAt: null,
    deletedAt: null,
  }
}
