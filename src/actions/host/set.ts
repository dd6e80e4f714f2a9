import { Fault } from '../../core/fault.ts'
import { object, reference, text, z } from '../../core/schema.ts'
import { type HostRecord, hostView } from '../../model/host.ts'
import { defineAction, writing } from '../context.ts'
import { find } from '../find.ts'
import { hostFields } from './host-fields.ts'
import { viewOfOne } from './host-use.ts'

const input = object({
  host: reference().describe('name or id of the host'),
  enable: z.boolean().default(false).describe('take new servers'),
  disable: z.boolean().default(false).describe('take no new servers; those that are there stay'),
  reason: text(255).optional().describe('why it is disabled'),
  ...hostFields,
})
type Input = z.infer<typeof input>

export const set = defineAction({
  name: 'host.set',
  summary: 'enable or disable a host, or override settings for it',
  effect: 'write',
  policy: 'admin',
  input,
  output: hostView,
  async run(input, context) {
    if (input.enable && input.disable) throw new Fault('invalid', `host ${input.host} cannot be both enabled and disabled`)
    if (input.reason !== undefined && !input.disable)
      throw new Fault('invalid', 'a reason belongs to disable', { hint: 'add --disable' })
    return writing(context, 'host.set', async (tx) => {
      const host = await find(tx, 'hosts', input.host, context)
      if (input.enable) refuseUnseen(host)
      return viewOfOne(tx, await tx.update('hosts', changed(host, input)), context)
    })
  },
})

function changed(host: HostRecord, input: Input): HostRecord {
  const { host: _, enable, disable, reason, ...overrides } = input
  const given = Object.fromEntries(Object.entries(overrides).filter(([, value]) => value !== undefined))
  const status = enable
    ? { enabled: true, disabledReason: null }
    : disable
      ? { enabled: false, disabledReason: reason ?? null }
      : {}
  return { ...host, ...given, ...status }
}

/** Throws `conflict` when nobody knows what the host has, so that it cannot be enabled. */
export function refuseUnseen({ name, inventory }: HostRecord): void {
  if (inventory === null) throw new Fault('conflict', `host ${name} has no inventory yet`, { hint: `nova host refresh ${name}` })
}
