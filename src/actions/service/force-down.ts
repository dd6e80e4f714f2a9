import { object, reference, z } from '../../core/schema.ts'
import { defineAction } from '../context.ts'
import { changeService } from './change-service.ts'
import { serviceRow } from './service-rows.ts'

export const forceDown = defineAction({
  name: 'service.force-down',
  summary: 'declare a service dead at once: others take over its operations, and its hosts take no servers',
  effect: 'write',
  policy: 'admin',
  input: object({
    service: reference().describe('name of the service'),
    unset: z.boolean().default(false).describe('believe its reports again'),
  }),
  output: z.array(serviceRow),
  run: ({ service, unset }, context) => changeService(service, 'service.force-down', { forcedDown: !unset }, context),
})
