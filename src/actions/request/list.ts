import { count, name, object, reference, z } from '../../core/schema.ts'
import type { RequestRecord } from '../../model/request.ts'
import { defineAction, reading } from '../context.ts'

const view = z.object({
  id: z.string(),
  action: z.string(),
  userId: z.string(),
  serverName: z.string(),
  servers: z.int().describe('how many servers it placed'),
  fault: z.string().nullable().describe('why it was refused'),
  createdAt: z.string(),
})

export const list = defineAction({
  name: 'request.list',
  summary: 'list requests for servers, refused ones too, newest first',
  effect: 'read',
  policy: 'reader',
  input: object({
    serverName: name().optional().describe('only requests for this name'),
    refused: z.boolean().default(false).describe('only refused requests'),
    limit: count(1, 1000).default(100).describe('at most this many'),
    marker: reference().optional().describe('only requests older than the one with this id'),
  }),
  output: z.array(view),
  async run(input, context) {
    const where = { projectId: context.projectId, serverName: input.serverName }
    const requests = await reading(context, (reader) => reader.list('requests', { where, newestFirst: true }))
    const shown = requests.filter((request) => !input.refused || request.fault !== null)
    const start = input.marker === undefined ? 0 : shown.findIndex((request) => request.id === input.marker) + 1
    return shown.slice(start, start + input.limit).map(viewOf)
  },
})

const viewOf = ({ id, action, userId, serverName, serverIds, fault, createdAt }: RequestRecord) => ({
  id,
  action,
  userId,
  serverName,
  servers: serverIds.length,
  fault: fault?.message ?? null,
  createdAt,
})
