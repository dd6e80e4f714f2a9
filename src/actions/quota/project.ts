/** The project that a quota or usage call is about. */
import { Fault } from '../../core/fault.ts'
import { holds } from '../../core/perform.ts'
import type { Context } from '../context.ts'

/** The asked project, or the caller's; another's is `forbidden` to everybody but admins. */
export function projectOf(context: Context, asked: string | undefined): string {
  const project = asked ?? context.projectId
  if (project === context.projectId || holds(context, 'admin')) return project
  throw new Fault('forbidden', `only an admin may ask about project ${project}, ${context.userId} is in ${context.projectId}`)
}
