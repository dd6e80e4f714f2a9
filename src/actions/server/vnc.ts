import { asFault, Fault } from '../../core/fault.ts'
import { object, reference, z } from '../../core/schema.ts'
import { quote } from '../../hosts/quote.ts'
import type { HostRecord } from '../../model/host.ts'
import { parseSshAddress } from '../../model/ssh-address.ts'
import { defineAction, reading } from '../context.ts'
import { callHost } from './call-host.ts'

export const vnc = defineAction({
  name: 'server.vnc',
  summary: "show where a server's screen is on its host, and how to reach it",
  effect: 'read',
  policy: 'member',
  input: object({ server: reference().describe('name or id of the server') }),
  output: z.strictObject({
    server: z.string(),
    host: z.string(),
    address: z.string().describe('on the host; its loopback unless the domain was adopted'),
    port: z.int(),
    tunnel: z.string().nullable().describe('brings the screen to this machine; null when it is here'),
    viewer: z.string().describe('what to open in a VNC viewer then'),
  }),
  async run(input, context) {
    const { server, host, result } = await callHost(input.server, 'vncAddress', undefined, context).catch((error: unknown) => {
      throw withConsoles(error, input.server)
    })
    const [record] = await reading(context, (reader) => reader.list('hosts', { where: { name: host }, limit: 1 }))
    return { server: server.name, host, ...result, ...wayTo(record, result) }
  },
})

/** A server without a screen still has a serial console. */
function withConsoles(error: unknown, server: string): Fault {
  const fault = asFault(error)
  if (fault.kind !== 'unsupported') return fault
  return new Fault('unsupported', fault.message, {
    hint: `nova console attach ${server} opens its serial console, nova console log ${server} shows it`,
    cause: error,
  })
}

interface Screen {
  readonly address: string
  readonly port: number
}

/** The ssh command of the same login that nova uses. */
function wayTo(record: HostRecord | undefined, { address, port }: Screen): { tunnel: string | null; viewer: string } {
  if (!record || record.address === 'local') return { tunnel: null, viewer: `${address}:${port}` }
  const { user, host, port: sshPort } = parseSshAddress(record.address)
  const screen = address.includes(':') ? `[${address}]` : address
  const words = [
    ...['ssh', '-N', '-L', `${port}:${screen}:${port}`],
    ...(record.identityFile === null ? [] : ['-i', record.identityFile]),
    ...(record.jump === null ? [] : ['-J', record.jump]),
    ...(sshPort === undefined ? [] : ['-p', String(sshPort)]),
    user === undefined ? host : `${user}@${host}`,
  ]
  return { tunnel: quote(words), viewer: `127.0.0.1:${port}` }
}
