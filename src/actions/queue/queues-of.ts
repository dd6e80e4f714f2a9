import type { Queues } from '../../bus/bus.ts'
import { Fault } from '../../core/fault.ts'
import { z } from '../../core/schema.ts'
import type { Context } from '../context.ts'

export const deadMessage = z.strictObject({ id: z.string().nullable(), topic: z.string(), reason: z.string(), body: z.string() })

/** The broker's queues; `unsupported` where this process has none. */
export function queuesOf({ queues }: Context): Queues {
  if (queues) return queues
  throw new Fault('unsupported', 'there is no message queue here: this nova does everything in one process', {
    hint: 'ask a daemon that was started with --bus',
  })
}
