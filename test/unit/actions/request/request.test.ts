import { expect, it } from 'vitest'
import { list } from '../../../../src/actions/request/list.ts'
import type { RequestRecord } from '../../../../src/model/request.ts'
import { aContext, faultOf, given, mallory, performed, seenBy } from '../../../support/a-context.ts'

const aRequest = (id: string, overrides: Partial<RequestRecord> = {}): RequestRecord => ({
  id,
  generation: 1,
  projectId: 'p1',
  userId: 'alice',
  action: 'server.create',
  serverName: 'web-1',
  serverIds: ['s1'],
  idempotencyKey: null,
  inputHash: null,
  decisions: [],
  fault: null,
  createdAt: '2026-01-01T00:00:00.000Z',
  ...overrides,
})

async function world() {
  const context = aContext()
  const refused = { serverIds: [], fault: { kind: 'no-valid-host', message: 'no host can take db-1' } } as const
  await given(
    context,
    'requests',
    aRequest('req-1'),
    aRequest('req-2', { serverName: 'db-1', ...refused }),
    aRequest('req-3', { projectId: 'p2' }),
  )
  return context
}
const ids = async (input: object, context = aContext()) =>
  Array.from(Object(await performed(list, input, context)), ({ id }: { id: string }) => id)

it("shows the project's requests, newest first, by every filter", async () => {
  const context = await world()
  expect(await ids({}, context)).toEqual(['req-2', 'req-1'])
  expect(await ids({ refused: true }, context)).toEqual(['req-2'])
  expect(await ids({ serverName: 'web-1' }, context)).toEqual(['req-1'])
  expect(await ids({ limit: 1 }, context)).toEqual(['req-2'])
  expect(await ids({ marker: 'req-2' }, context)).toEqual(['req-1'])
  expect(await ids({ serverName: '__proto__' }, context)).toEqual([])
  expect(await ids({}, seenBy(context, mallory))).toEqual(['req-3'])
})

it('says why a request was refused', async () => {
  expect(await performed(list, { refused: true }, await world())).toMatchObject([{ fault: 'no host can take db-1', servers: 0 }])
})

it('refuses bad limits', async () => {
  expect(await faultOf(list, { limit: 0 }, aContext())).toMatchObject({ kind: 'invalid' })
})
