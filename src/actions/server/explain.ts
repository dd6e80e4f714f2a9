import { Fault } from '../../core/fault.ts'
import { object, reference, z } from '../../core/schema.ts'
import type { RequestRecord } from '../../model/request.ts'
import type { Reader } from '../../state/store.ts'
import { type Context, defineAction, reading } from '../context.ts'
import { find } from '../find.ts'

export const explain = defineAction({
  name: 'server.explain',
  summary: 'say why a server is on its host, or why a boot was refused',
  effect: 'read',
  policy: 'reader',
  input: object({ target: reference().describe('server, or request id (req-…) of a boot, also of a refused one') }),
  output: z.strictObject({
    requestId: z.string(),
    name: z.string(),
    createdAt: z.string(),
    refused: z.string().nullable(),
    decisions: z.array(z.unknown()).describe('for each server the host by filter matrix, with numbers and weights'),
  }),
  async run(input, context) {
    const request = await reading(context, (reader) => requestFor(reader, input.target, context))
    const { id, serverName, createdAt, fault, decisions } = request
    return { requestId: id, name: serverName, createdAt, refused: fault?.message ?? null, decisions: [...decisions] }
  },
})

/** By request id, by server, or the newest refused boot of that name. */
async function requestFor(reader: Reader, target: string, context: Context): Promise<RequestRecord> {
  const own = (request: RequestRecord | undefined) => (request?.projectId === context.projectId ? request : undefined)
  const direct = own(await reader.get('requests', target))
  if (direct) return direct
  const [newest] = await reader.list('requests', { where: { serverName: target }, newestFirst: true, limit: 1 })
  const named = own(newest)
  if (named?.fault) return named
  const server = await find(reader, 'servers', target, context).catch((fault) => {
    if (named) return undefined
    throw fault
  })
  const request = server ? own(await reader.get('requests', server.requestId)) : named
  if (request) return request
  throw new Fault('not-found', `no boot request is kept for "${target}"`)
}
