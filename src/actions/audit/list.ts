import { count, object, text, z } from '../../core/schema.ts'
import { auditEntry } from '../../model/audit.ts'
import { defineAction } from '../context.ts'

export const list = defineAction({
  name: 'audit.list',
  summary: 'list who changed what, newest first',
  effect: 'read',
  policy: 'admin',
  input: object({
    user: text().optional().describe('only calls of this user'),
    in: text().optional().describe('only calls in this project'),
    action: text(128).optional().describe('only this action'),
    request: text(64).optional().describe('only the call with this request id'),
    failed: z.boolean().default(false).describe('only calls that were refused or failed'),
    limit: count(1, 10_000).default(100).describe('at most this many'),
  }),
  output: z.array(auditEntry),
  async run({ user, in: project, action, request, failed, limit }, context) {
    return context.audit({ limit }, (entry) => {
      if (user !== undefined && entry.userId !== user) return false
      if (project !== undefined && entry.projectId !== project) return false
      if (action !== undefined && entry.action !== action) return false
      if (request !== undefined && entry.requestId !== request) return false
      return !failed || entry.outcome !== 'ok'
    })
  },
})
