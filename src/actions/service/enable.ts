import { object, reference, z } from '../../core/schema.ts'
import { defineAction } from '../context.ts'
import { changeService } from './change-service.ts'
import { serviceRow } from './service-rows.ts'

export const enable = defineAction({
  name: 'service.enable',
  summary: 'let the hosts of a service take servers again',
  effect: 'write',
  policy: 'admin',
  input: object({ service: reference().describe('name of the service') }),
  output: z.array(serviceRow),
  run: ({ service }, context) => changeService(service, 'service.enable', { enabled: true, disabledReason: null }, context),
})
