/** Rate limits as callers meet them: 429 with a time to come again, for the one who calls too often and nobody else. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openSocketClient } from '../../src/api/socket-client.ts'
import { aDoor, type OpenDoors } from '../support/open-doors.ts'

let door: OpenDoors
beforeAll(async () => {
  door = await aDoor(['h1'], { userCallsPerMinute: 2 })
})
afterAll(() => door.close())

const list = { jsonrpc: '2.0', method: 'server.list', params: {} }

it('refuses a user’s calls beyond the limit with 429 and retry-after, and lets others through', async () => {
  const [ann, bob, root] = await Promise.all([
    door.token('ann', 'web', ['member']),
    door.token('bob', 'web', ['member']),
    door.token('root', 'web', ['admin']),
  ])
  const statuses = []
  for (let count = 0; count < 2; count++) statuses.push((await door.call(ann, 'server.list')).status)
  expect(statuses).toEqual([200, 200])
  const refused = await door.call(ann, 'server.list')
  expect(refused.status).toBe(429)
  expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0)
  expect(refused.answer.error).toMatchObject({ message: 'user ann may make 2 calls a minute', data: { kind: 'over-quota' } })
  expect((await door.call(bob, 'server.list')).status).toBe(200)
  for (let count = 0; count < 20; count++) expect((await door.call(root, 'host.list')).status).toBe(200)
  expect((await door.call(root, 'metrics')).text).toMatch(/nova_calls_limited_total [1-9]/)
})

it('counts each call of a batch', async () => {
  const cleo = await door.token('cleo', 'web', ['member'])
  const batch = Array.from({ length: 8 }, (_, id) => ({ ...list, id }))
  const answers: unknown = JSON.parse((await door.post(cleo, JSON.stringify(batch))).text)
  const refused = Array.isArray(answers) ? answers.filter((answer) => Object(answer).error !== undefined) : []
  expect(refused).toHaveLength(6)
})

it('counts who calls through the socket without being an administrator', async () => {
  const client = await openSocketClient(`${door.state}/nova.sock`)
  const as = (roles: readonly string[]) => ({ $call: { userId: 'dora', projectId: 'web', roles } })
  const calls = Array.from({ length: 8 }, () =>
    client?.call('server.list', as(['member'])).then(
      () => true,
      () => false,
    ),
  )
  expect((await Promise.all(calls)).filter(Boolean)).toHaveLength(2)
  await client?.call('host.list', as(['admin']))
  client?.close()
})
