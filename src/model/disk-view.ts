import { z } from '../core/schema.ts'
import { diskRecord } from './server.ts'

/** A disk of a server as callers see it. */
export const diskView = z.object({
  server: z.string().describe('name of the server'),
  role: z.enum(['root', 'ephemeral', 'swap', 'config', 'extra']),
  name: z.string(),
  id: diskRecord.shape.id.nullable().describe('of an extra disk'),
  bytes: z.number().nullable().describe('that the guest sees; null where only the host knows'),
  format: z.enum(['raw', 'qcow2']),
  serial: z.string(),
  device: z.string().nullable().describe('its name in a Linux guest, where that is certain'),
  attachedAt: diskRecord.shape.attachedAt,
})
export type DiskView = z.infer<typeof diskView>
