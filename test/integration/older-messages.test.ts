/** Messages that the version before sent, as they came from its broker: today's services work them. */
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { localBus } from '../../src/bus/local.ts'
import { readRequest } from '../../src/bus/rabbitmq-wire.ts'
import { type Core, openCore } from '../../src/main/core.ts'
import { type Roles, takeUpRoles } from '../../src/main/roles.ts'
import { recordsTopic } from '../../src/main/service.ts'
import { serveHosts } from '../../src/main/worker.ts'
import { systemClock as clock } from '../../src/system/clock.ts'
import { removeState } from '../support/a-daemon.ts'
import { aHost } from '../support/a-host.ts'
import { recordedState } from '../support/recorded-state.ts'

interface Recorded {
  readonly topic: string
  readonly headers: object
  readonly messageId: string
  readonly body: { readonly method: string; readonly args: object }
}

const recorded: readonly Recorded[] = JSON.parse(
  readFileSync(new URL('../fixtures/messages-version-1.json', import.meta.url), 'utf8'),
)
/** The message as today's program reads it from the broker. */
function received({ body, headers, messageId }: Recorded) {
  const content = Buffer.from(JSON.stringify(body))
  const properties = { messageId, headers, replyTo: 'reply.1' }
  return readRequest({ content, properties, fields: {} } as never)
}
const called = (method: string) => recorded.filter(({ body }) => body.method === method)

describe('messages of version 1', () => {
  let state: string
  let core: Core
  let roles: Roles
  const bus = localBus({ clock })
  beforeAll(async () => {
    state = await recordedState('records-form-8')
    core = openCore({ stateDirectory: state, recovers: false })
    roles = await takeUpRoles({ core, bus, stateDirectory: state, version: '0.1.0', note: () => undefined })
  })
  afterAll(async () => {
    roles?.stopServing()
    await roles?.end()
    await core?.close()
    removeState(state)
  })
  const deliver = async (one: Recorded | undefined, change: object = {}) => {
    const request = one && received(one)
    if (!request) throw new Error('the message cannot be read')
    expect(request.refusal).toBeUndefined()
    const { method, args } = request.message
    return bus.request(one.topic, { method, args: { ...Object(args), ...change } }, { deadlineMs: 60_000 })
  }

  it('are read, each of them', () => {
    expect(recorded.length).toBeGreaterThan(5)
    expect(recorded.map((one) => received(one)?.message)).toEqual(recorded.map(({ body }) => body))
  })

  it('let a conductor work a flow that the version before began', async () => {
    const [open] = await core.store.read((reader) => reader.list('flows', { where: { open: true } }))
    const [order] = called('flow.run')
    expect(await deliver(order, { id: open?.id })).toBe(open?.id)
    expect(await core.store.read((reader) => reader.get('servers', open?.serverId ?? ''))).toMatchObject({ vmState: 'active' })
  })

  it('register a compute worker, which is known to understand no more than they do', async () => {
    const [report] = called('report')
    expect(report?.topic).toBe(recordsTopic)
    expect(await deliver(report)).toEqual({ messages: 2 })
    expect(await core.store.read((reader) => reader.get('services', 'cmp1'))).toMatchObject({
      hosts: ['kvm1'],
      understands: { records: 0, messages: 1 },
    })
  })

  it('bring a guest up and down on a host of today', async () => {
    const host = aHost({ name: 'kvm1', driver: 'fake', address: 'local', instancesPath: `${state}/kvm1` })
    const settings = { daemonHosts: ['kvm1'], daemonDrainSeconds: 1 }
    const worker = serveHosts({ bus, settings, stateDirectory: state, recordOf: async () => host })
    for (const one of recorded.filter(({ topic }) => topic === 'compute.kvm1')) await deliver(one)
    const [inspect] = called('inspect')
    expect(await deliver(inspect)).toMatchObject({ result: { powerState: 'shutdown' } })
    worker.stop()
    await worker.end()
  })
})
