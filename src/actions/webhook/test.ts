import { object, reference, z } from '../../core/schema.ts'
import { iso } from '../../core/time.ts'
import { defineAction, reading } from '../context.ts'
import { findWebhook } from './find-webhook.ts'
import { sendTo } from './send.ts'

export const test = defineAction({
  name: 'webhook.test',
  summary: 'post a notification of type webhook.test now, once',
  effect: 'write',
  policy: 'admin',
  input: object({ id: reference().describe('id of the webhook') }),
  output: z.object({ id: z.string(), url: z.string(), durationMs: z.number() }),
  async run({ id }, context) {
    const { clock, requestId, userId } = context
    const webhook = await reading(context, (reader) => findWebhook(reader, id))
    const began = clock.monotonic()
    await sendTo(
      webhook,
      {
        message_id: requestId,
        event_type: 'webhook.test',
        priority: 'INFO',
        timestamp: iso(clock.wall()),
        publisher_id: 'api',
        request_id: requestId,
        user_id: userId,
        revision: 0,
        payload: {},
      },
      context,
    )
    return { id, url: webhook.url, durationMs: Math.round(clock.monotonic() - began) }
  },
})
