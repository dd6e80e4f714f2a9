import { Fault } from '../../core/fault.ts'
import { object, reference } from '../../core/schema.ts'
import { hostView } from '../../model/host.ts'
import { defineAction, writing } from '../context.ts'
import { find } from '../find.ts'
import { isDraining } from './drain.ts'
import { viewOfOne } from './host-use.ts'

export const undrain = defineAction({
  name: 'host.undrain',
  summary: 'let a drained host take servers again; those that left do not come back by themselves',
  effect: 'write',
  policy: 'admin',
  input: object({ host: reference().describe('name or id of the host') }),
  output: hostView,
  run: (input, context) =>
    writing(context, 'host.undrain', async (tx) => {
      const host = await find(tx, 'hosts', input.host, context)
      if (!host.enabled && !isDraining(host))
        throw new Fault(
          'conflict',
          `host ${host.name} is disabled, and not by a drain: ${host.disabledReason ?? 'no reason given'}`,
          {
            hint: `nova host set ${host.name} --enable`,
          },
        )
      const opened = host.enabled ? host : await tx.update('hosts', { ...host, enabled: true, disabledReason: null })
      return viewOfOne(tx, opened, context)
    }),
})
