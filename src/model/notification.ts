/**
 * Terminology.
 * - notification: what happened, in the form that Nova sends to its `notifications` queue.
 * - message id: the revision it was derived from and its place there, `12.0`; the same wherever it is derived.
 */
import { z } from '../core/schema.ts'

export const notification = z.object({
  /** Revision and place, unique and in order of what happened; a consumer that gets one twice drops it by this. */
  message_id: z.string(),
  /** Nova's type, for example `compute.instance.create.end`. */
  event_type: z.string(),
  priority: z.enum(['INFO', 'ERROR']),
  /** When it was recorded, ISO 8601. */
  timestamp: z.string(),
  /** The part that it is about: `compute.HOST`, or `api` where no host has a part in it. */
  publisher_id: z.string(),
  /** The request behind it. */
  request_id: z.string(),
  /** Who asked for it. */
  user_id: z.string(),
  /** Revision of the records that holds it. */
  revision: z.int(),
  /** Nova's fields of the thing; never a secret. */
  payload: z.record(z.string(), z.unknown()),
})
export type Notification = z.infer<typeof notification>
