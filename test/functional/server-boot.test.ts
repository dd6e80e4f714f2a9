/** Booting through the built command line: counts, places, groups, keys that make a re-run safe, plans. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { aFakeCloud, type FakeCloud } from '../support/a-fake-cloud.ts'

let cloud: FakeCloud
beforeAll(async () => {
  cloud = await aFakeCloud('h1', 'h2')
})
afterAll(() => cloud.remove())

const boot = (...line: string[]) => cloud.json('boot', ...line, '--flavor', 'm1.tiny')
const bootMany = async (...line: string[]) => [await boot(...line)].flat() as Record<string, unknown>[]
const refused = async (...line: string[]) => {
  const { code, stderr } = await cloud.run(['boot', ...line, '--flavor', 'm1.tiny'])
  return { code, stderr }
}

describe('counts', () => {
  it('number the servers of one boot', async () => {
    expect((await bootMany('web', '--min-count', '2', '--max-count', '3')).map(({ name }) => name)).toEqual([
      'web-1',
      'web-2',
      'web-3',
    ])
  })

  it('boot as many as the quota lets through, at least min-count', async () => {
    await cloud.out('quota', 'set', '--instances', '5')
    expect(await bootMany('less', '--min-count', '1', '--max-count', '9')).toHaveLength(2)
    expect(await refused('more')).toMatchObject({ code: 5, stderr: expect.stringContaining('5') })
    expect(await cloud.rows('list')).toHaveLength(5)
    await cloud.out('quota', 'set', '--instances', '-1', '--cores', '-1')
  })
})

describe('places', () => {
  it.each(['h1', 'h2'])('--availability-zone nova:%s names the host', async (host) => {
    expect(await boot(`on-${host}`, '--availability-zone', `nova:${host}`)).toMatchObject({ host })
  })

  it('hints keep servers together or apart', async () => {
    const { id, host } = await boot('first')
    expect(await boot('same', '--hint', `same_host=${id}`)).toMatchObject({ host })
    expect(await boot('different', '--hint', `different_host=${id}`)).not.toMatchObject({ host })
    expect(await boot('query', '--hint', 'query=["=", "$host", "h2"]')).toMatchObject({ host: 'h2' })
  })

  it('anti-affinity refuses a third server on two hosts, host by host', async () => {
    await cloud.out('server-group', 'create', 'apart', 'anti-affinity')
    const placed = await bootMany('apart', '--min-count', '2', '--hint', 'group=apart')
    expect(new Set(placed.map(({ host }) => host)).size).toBe(2)
    const { code, stderr } = await refused('apart-3', '--hint', 'group=apart')
    expect(code).toBe(6)
    expect(stderr).toMatch(/h1 +ServerGroupAntiAffinityFilter[\s\S]*h2 +ServerGroupAntiAffinityFilter/)
    expect(await cloud.out('explain', 'apart-3')).toContain('ServerGroupAntiAffinityFilter')
  })

  it.each([
    ['affinity', 1],
    ['soft-affinity', 1],
    ['soft-anti-affinity', 2],
  ])('%s puts three servers on %i hosts', async (policy, hosts) => {
    // with Nova's multipliers the emptier host weighs more than the group
    cloud.file(
      'state/settings.json',
      JSON.stringify({ weighers: [{ name: policy, multiplier: 1 }].filter(({ name }) => name !== 'affinity') }),
    )
    await cloud.out('server-group', 'create', policy, policy)
    const placed = await bootMany(policy, '--min-count', '3', '--hint', `group=${policy}`)
    expect(new Set(placed.map(({ host }) => host)).size).toBe(hosts)
  })
})

describe('--idempotency-key', () => {
  it('returns the first server again, and refuses another boot', async () => {
    const first = await boot('job', '--idempotency-key', 'job-7')
    expect(await boot('job', '--idempotency-key', 'job-7')).toMatchObject({ id: first.id })
    expect(await boot('job', '--idempotency-key', 'job-7', '--no-wait')).toMatchObject({ id: first.id })
    expect(await refused('job', '--idempotency-key', 'job-7', '--meta', 'a=b')).toMatchObject({
      code: 7,
      stderr: expect.stringContaining('idempotency key "job-7" was used for another boot'),
    })
    expect(await cloud.rows('list', '--name', 'job')).toHaveLength(1)
  })

  it('holds when two processes boot at once', async () => {
    const both = await Promise.all([1, 2].map(() => boot('twin', '--idempotency-key', 'twin')))
    expect(both[0]?.id).toBe(both[1]?.id)
    expect(await cloud.rows('list', '--name', 'twin')).toHaveLength(1)
  })
})

describe('--no-wait', () => {
  it('returns at once; the work goes on and wait sees its end', async () => {
    expect(await boot('later', '--no-wait')).toMatchObject({ status: 'BUILD' })
    expect(await cloud.json('wait', 'later', '--timeout', '30')).toMatchObject({ status: 'ACTIVE' })
  })

  it('waits for no longer than it is told', async () => {
    cloud.misbehave('h1', { call: 'spawn', mode: 'slow', ms: 10_000 })
    await boot('slow', '--no-wait', '--availability-zone', 'nova:h1')
    const { code, stderr } = await cloud.run(['wait', 'slow', '--timeout', '1'])
    expect({ code, stderr }).toMatchObject({
      code: 8,
      stderr: expect.stringMatching(/server slow is BUILD .*, not active, after 1 s\ntry: {2}nova server events slow/),
    })
    expect(await cloud.json('wait', 'slow')).toMatchObject({ status: 'ACTIVE' })
    cloud.misbehave('h1')
  })

  it('makes wait fail when the boot fails', async () => {
    for (const host of ['h1', 'h2']) cloud.misbehave(host, { call: 'spawn', mode: 'fail', message: 'no memory left' })
    await boot('doomed', '--no-wait')
    const { code, stderr } = await cloud.run(['wait', 'doomed', '--timeout', '30'])
    for (const host of ['h1', 'h2']) cloud.misbehave(host)
    expect({ code, stderr }).toMatchObject({ code: 7, stderr: expect.stringContaining('ERROR') })
    expect(await cloud.json('show', 'doomed')).toMatchObject({ status: 'ERROR', host: null })
  })
})

describe('a host that fails', () => {
  it('is passed over for another one', async () => {
    cloud.misbehave('h1', { call: 'spawn', mode: 'fail', kind: 'internal', message: 'broken' })
    const booted = await boot('retried', '--hint', 'query=["in", "$host", "h1", "h2"]')
    cloud.misbehave('h1')
    expect(booted).toMatchObject({ status: 'ACTIVE', host: 'h2' })
  })
})

describe('--plan', () => {
  it('prints every step with its commands, changes nothing, and equals what the boot then does', async () => {
    const line = ['boot', 'planned', '--flavor', 'm1.tiny', '--availability-zone', 'nova:h1']
    const before = cloud.fingerprint()
    const { steps, changed } = await cloud.json(...line, '--plan')
    expect(changed).toBe(false)
    expect(cloud.fingerprint()).toBe(before)
    await cloud.out(...line)
    const [event] = await cloud.rows('server', 'events', 'planned')
    expect(commandsOf(steps, 'step')).toEqual(commandsOf(event?.steps, 'name'))
  })

  it('of a delete changes nothing and equals what the delete does', async () => {
    const { id } = await cloud.json('show', 'planned')
    const before = cloud.fingerprint()
    const { steps } = await cloud.json('delete', 'planned', '--plan')
    expect(cloud.fingerprint()).toBe(before)
    await cloud.out('delete', 'planned')
    const [event] = await cloud.rows('server', 'events', String(id))
    expect(commandsOf(steps, 'step')).toEqual(commandsOf(event?.steps, 'name'))
  })
})

/** Steps with their commands, without the plan's summary of the records; a server's id and the size of a file that holds it are new in every boot. */
function commandsOf(steps: unknown, name: string): unknown[] {
  const text = JSON.stringify(steps).replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, 'ID')
  const all: Record<string, unknown>[] = JSON.parse(text)
  return all.filter((step) => step[name] !== 'records').map((step) => [step[name], step.commands])
}
