import { z } from '../core/schema.ts'
import { type Nic, nicRecord } from './server.ts'

/** A network interface of a server as callers see it. */
export const interfaceView = nicRecord
  .pick({ mac: true, kind: true, address: true, sshPort: true })
  .extend({ server: z.string().describe('name of the server'), source: z.string().nullable() })
export type InterfaceView = z.infer<typeof interfaceView>

export const viewOfNic = (server: string, { mac, kind, source, address, sshPort }: Nic): InterfaceView => ({
  server,
  mac,
  kind,
  source: source ?? null,
  address,
  sshPort,
})
