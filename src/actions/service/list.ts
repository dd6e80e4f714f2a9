import { object, reference, z } from '../../core/schema.ts'
import { defineAction, reading } from '../context.ts'
import { serviceRow, serviceRows } from './service-rows.ts'

export const list = defineAction({
  name: 'service.list',
  summary: 'list services: what runs where, and whether it was heard of lately',
  effect: 'read',
  policy: 'admin',
  input: object({
    host: reference().optional().describe('only services of this host'),
    binary: reference().optional().describe('only this program: nova-api, nova-conductor or nova-compute'),
  }),
  output: z.array(serviceRow),
  run: ({ host, binary }, context) =>
    reading(context, async (reader) => {
      const rows = await serviceRows(await reader.list('services'), reader, context)
      return rows.filter((row) => (host === undefined || row.host === host) && (binary === undefined || row.binary === binary))
    }),
})
