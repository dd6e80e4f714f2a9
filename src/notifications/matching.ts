/** Which notifications somebody wants, and which he may see. */
import type { Call } from '../core/call.ts'
import { holds } from '../core/perform.ts'
import type { Notification } from '../model/notification.ts'

/** A test for types that match a pattern with `*` for any characters; everything matches when it is left out. */
export function typeMatcher(glob: string | undefined): (type: string) => boolean {
  if (glob === undefined) return () => true
  const parts = glob.split('*')
  const [head = '', ...others] = parts
  if (others.length === 0) return (type) => type === glob
  const tail = others.pop() ?? ''
  // By hand: a pattern of the caller's must not become a regular expression.
  return (type) => {
    if (!type.startsWith(head) || !type.endsWith(tail) || type.length < head.length + tail.length) return false
    let at = head.length
    for (const part of others) {
      const found = type.indexOf(part, at)
      if (found < 0 || found + part.length > type.length - tail.length) return false
      at = found + part.length
    }
    return true
  }
}

/** Administrators see everything, others what is their project's and their own. */
export const mayCallerSee =
  (call: Pick<Call, 'roles' | 'projectId' | 'userId'>) =>
  ({ payload }: Notification): boolean => {
    if (holds(call, 'admin')) return true
    if (payload.tenant_id === undefined) return payload.user_id === call.userId
    return payload.tenant_id === call.projectId
  }
