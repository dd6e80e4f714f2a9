import { z } from '../core/schema.ts'

/** One line of the audit log: one call of an action that changes something, with how it ended. */
export const auditEntry = z.object({
  /** When the call ended, ISO 8601. */
  at: z.string(),
  /** Where it came in: embedded, socket or https. */
  door: z.string(),
  userId: z.string(),
  projectId: z.string(),
  roles: z.array(z.string()),
  action: z.string(),
  /** The input as it was given, secrets as `***`, long text cut. */
  input: z.unknown(),
  /** `ok`, or the kind of fault. */
  outcome: z.string(),
  /** What the fault said. */
  message: z.string().nullable(),
  requestId: z.string(),
  durationMs: z.number(),
})
export type AuditEntry = z.infer<typeof auditEntry>

const longest = 256
const mostItems = 32

/** What of an input may be kept: secrets masked, long text and lists cut. */
export function redacted(input: unknown, secrets: readonly string[], depth = 0): unknown {
  if (typeof input === 'string')
    return input.length > longest ? `${input.slice(0, longest)}… (${input.length} characters)` : input
  if (typeof input !== 'object' || input === null) return input
  if (depth > 4) return '…'
  if (Array.isArray(input)) return input.slice(0, mostItems).map((item) => redacted(item, [], depth + 1))
  const entries = Object.entries(input).slice(0, mostItems)
  // Entries, not assignments: a key `__proto__` stays a key.
  return Object.fromEntries(entries.map(([key, value]) => [key, secrets.includes(key) ? '***' : redacted(value, [], depth + 1)]))
}
