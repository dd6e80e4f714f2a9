import { object, reference, text, z } from '../../core/schema.ts'
import { defineAction } from '../context.ts'
import { changeService } from './change-service.ts'
import { serviceRow } from './service-rows.ts'

export const disable = defineAction({
  name: 'service.disable',
  summary: 'place no more servers on the hosts of a service; what runs there goes on',
  effect: 'write',
  policy: 'admin',
  input: object({
    service: reference().describe('name of the service'),
    reason: text(200).optional().describe('why, for whoever finds it disabled'),
  }),
  output: z.array(serviceRow),
  run: ({ service, reason }, context) =>
    changeService(service, 'service.disable', { enabled: false, disabledReason: reason ?? 'no reason given' }, context),
})
