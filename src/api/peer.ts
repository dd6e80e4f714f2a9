/** The other end of a connection: who it is, how to tell it something, and what it has asked that is not answered. */
import type { Role } from '../core/call.ts'
import { Fault } from '../core/fault.ts'
import type { CallId, CallMeta } from './message.ts'

export type Door = 'socket' | 'https'

export interface Who {
  readonly userId: string
  readonly projectId: string
  readonly roles: readonly Role[]
}

export interface Peer {
  readonly door: Door
  /** Who makes a call that says this of itself. Fault `forbidden` when it claims what it is not. */
  callerOf(meta: CallMeta): Who
  /** Sends a message without being asked; dropped when there is no way to. */
  notify(text: string): void
  /** Told of a call that ends with a fault; for doors that have a status of their own. */
  refused?(fault: Fault): void
  /** Resolves with the release when a method of the daemon itself may run; for doors where many calls share a connection. */
  turn?(): Promise<() => void>
  /** Calls under way by their ids. */
  readonly calls: Map<CallId, AbortController>
}

/** Only the owner of the state directory can open its socket: such a caller may be anybody, and hold less than all roles. */
export const ownerAs =
  (owner: string) =>
  (meta: CallMeta): Who => ({
    userId: meta.userId ?? owner,
    projectId: meta.projectId ?? 'default',
    roles: meta.roles ?? ['admin'],
  })

/** The bearer of a token: what the token says, another project for administrators only. */
export const bearerAs =
  (token: Who) =>
  (meta: CallMeta): Who => {
    const isAdmin = token.roles.includes('admin')
    if (meta.userId !== undefined && meta.userId !== token.userId)
      throw new Fault('forbidden', `the token is of user ${token.userId}, not of ${meta.userId}`)
    if (meta.projectId !== undefined && meta.projectId !== token.projectId && !isAdmin)
      throw new Fault('forbidden', `the token is for project ${token.projectId}, not for ${meta.projectId}`)
    const roles = meta.roles ?? token.roles
    const missing = roles.filter((role) => !isAdmin && !token.roles.includes(role))
    if (missing.length > 0) throw new Fault('forbidden', `the token does not hold the role ${missing.join(', ')}`)
    return { userId: token.userId, projectId: meta.projectId ?? token.projectId, roles }
  }
