import { Fault } from '../../core/fault.ts'
import { object, text, z } from '../../core/schema.ts'
import { iso } from '../../core/time.ts'
import { viewOfWebhook, type Webhook, webhookView } from '../../model/webhook.ts'
import { secretName } from '../../notifications/deliver.ts'
import { webhookUrl } from '../../notifications/post.ts'
import { defineAction, writing } from '../context.ts'

/** Each one is a follower of its own in the daemon. */
const mostWebhooks = 32

export const add = defineAction({
  name: 'webhook.add',
  summary: 'post every notification from now on to a URL; its secret is shown once',
  effect: 'write',
  policy: 'admin',
  secrets: ['secret'],
  input: object({
    url: text(2048).describe('https URL that takes POST requests'),
    type: text(128).optional().describe('event type, * for any characters: compute.instance.create.*'),
    secret: z
      .string()
      .min(16)
      .max(4096)
      .optional()
      .describe('file with the secret that signs them, 16 characters at least; one is made when left out'),
  }),
  output: z.strictObject({ ...webhookView.shape, secret: z.string().nullable() }),
  async run(input, context) {
    const { clock, random, settings, vault } = context
    const url = webhookUrl(input.url, settings.webhookAllowPrivate)
    const given = input.secret?.replace(/\r?\n$/, '')
    const secret = given ?? Buffer.from(random.bytes(32)).toString('hex')
    const id = random.uuid()
    const record: Omit<Webhook, 'generation' | 'after'> = {
      id,
      url: url.href,
      type: input.type ?? null,
      enabled: true,
      disabledReason: null,
      delivered: 0,
      lastDeliveredAt: null,
      lastError: null,
      createdBy: context.userId,
      createdAt: iso(clock.wall()),
    }
    // The secret first: what a killed process leaves is swept away, a webhook without its secret would not be.
    await vault.put(id, secretName, secret)
    const webhook = await writing(context, 'webhook.add', async (tx) => {
      if ((await tx.count('webhooks')) >= mostWebhooks)
        throw new Fault('over-quota', `there are ${mostWebhooks} webhooks, the most there may be`, { hint: 'nova webhook list' })
      return tx.insert('webhooks', { ...record, after: String(tx.revision) })
    })
    return { ...viewOfWebhook(webhook, 0), secret: given === undefined ? secret : null }
  },
})
