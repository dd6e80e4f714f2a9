/** Several controllers over a real broker and a real database: whatever is killed, every accepted boot ends, once. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { localHost } from '../../src/hosts/local.ts'
import { defaultSettings } from '../../src/settings.ts'
import { openPostgresStore, type PostgresStore } from '../../src/state/postgres/postgres-store.ts'
import { systemClock as clock } from '../../src/system/clock.ts'
import { systemFs as fs } from '../../src/system/fs.ts'
import { systemRandom as random } from '../../src/system/random.ts'
import { aCluster, type Cluster, hypervisorOf, type Member, type MemberOptions } from '../support/a-cluster.ts'
import { eventually } from '../support/eventually.ts'
import { findings } from '../support/oracles.ts'
import { postgresObstacle } from '../support/postgres.ts'
import { rabbitObstacle } from '../support/rabbitmq.ts'

const hosts = ['kvm1', 'kvm2']
const settings = { maxInstancesPerHost: 10_000, maxIoOpsPerHost: 10_000, ramAllocationRatio: 1000, cpuAllocationRatio: 1000 }
const environment = {
  NOVA_SET_MAX_INSTANCES_PER_HOST: '10000',
  NOVA_SET_MAX_IO_OPS_PER_HOST: '10000',
  NOVA_SET_RAM_ALLOCATION_RATIO: '1000',
  NOVA_SET_CPU_ALLOCATION_RATIO: '1000',
  NOVA_SET_COMPUTE_DEADLINE_MS: '90000',
  NOVA_SET_DAEMON_ADOPT_SECONDS: '1',
  NOVA_SET_SERVICE_REPORT_SECONDS: '2',
}
const layout: Readonly<Record<string, MemberOptions>> = {
  con1: { roles: 'conductor' },
  con2: { roles: 'conductor' },
  cmp1: { roles: 'compute', hosts: hosts.join(',') },
  cmp2: { roles: 'compute', hosts: hosts.join(',') },
  api1: { roles: 'api' },
}

interface Outcome {
  readonly name: string
  readonly id?: string
  readonly fault?: string
}

describe.skipIf(rabbitObstacle() ?? postgresObstacle())('several controllers', () => {
  let cluster: Cluster & { readonly directory: string }
  let store: PostgresStore
  const members = new Map<string, Member>()
  const booted: string[] = []
  let rounds = 0

  beforeAll(async () => {
    cluster = await aCluster(environment)
    await start('con1')
    await Promise.all(['con2', 'cmp1', 'cmp2', 'api1'].map((name) => start(name)))
    store = await openPostgresStore({ url: cluster.database.url(), clock, random, fs })
    const api = await cluster.client('api1')
    for (const name of hosts)
      await api.call('host.add', { name, driver: 'fake', instancesPath: hypervisorOf(cluster.directory, name) })
    await api.call('quota.set', { project: 'default', instances: -1, cores: -1, ram: -1 })
    api.close()
  }, 240_000)
  afterAll(async () => {
    await store?.close()
    await cluster?.close()
  })

  async function start(name: string, env: Readonly<Record<string, string>> = {}): Promise<Member> {
    const options = layout[name]
    if (!options) throw new Error(`no member ${name} in the layout`)
    const member = await cluster.start(name, { ...options, env })
    members.set(name, member)
    return member
  }

  async function killed(name: string): Promise<void> {
    const member = members.get(name)
    member?.kill()
    await member?.ended
  }

  /** Boots side by side while `during` happens, and answers how each ended for its caller. */
  async function boots(count: number, during: () => Promise<unknown> = async () => undefined): Promise<Outcome[]> {
    const round = ++rounds
    const api = await cluster.client('api1')
    const asked = Array.from({ length: count }, (_, index) => boot(api, `r${round}-${index}`))
    await eventually('a boot of the round is under way', async () => (await openFlows()) > 0)
    await during()
    const outcomes = await Promise.all(asked)
    api.close()
    booted.push(...outcomes.flatMap(({ id }) => (id === undefined ? [] : [id])))
    return outcomes
  }

  async function boot(api: Awaited<ReturnType<Cluster['client']>>, name: string): Promise<Outcome> {
    try {
      const server = await api.call('server.create', { name, flavor: 'm1.tiny', configDrive: false, nic: 'none' })
      return { name, id: String(Reflect.get(Object(server), 'id')) }
    } catch (error) {
      return { name, fault: String(error) }
    }
  }

  const openFlows = () => store.read((reader) => reader.count('flows', { where: { open: true } }))

  /** Nothing is under way, nothing is stuck, nothing was built twice, nothing that was acknowledged is lost. */
  async function expectOrder(): Promise<void> {
    await eventually('every operation ends', async () => (await openFlows()) === 0, 180_000)
    const hostOf = ({ name }: { readonly name: string }) => localHost({ name, clock })
    expect(await findings({ store, settings: { ...defaultSettings, ...settings }, hostOf }, { booted, deleted: [] })).toEqual([])
    const names = await store.read(async (reader) => (await reader.list('servers')).map(({ name }) => name))
    expect(new Set(names).size).toBe(names.length)
  }

  const faultsOf = (outcomes: readonly Outcome[]) => outcomes.flatMap(({ fault }) => fault ?? [])

  it('boot servers, and the caller sees each step', async () => {
    const api = await cluster.client('api1')
    const steps: unknown[] = []
    const onNotice = (event: unknown) => steps.push(Reflect.get(Object(event), 'step'))
    const input = { name: 'watched', flavor: 'm1.tiny', configDrive: false, nic: 'none', $call: { progress: true } }
    await api.call('server.create', input, onNotice)
    api.close()
    expect(steps).toEqual(expect.arrayContaining(['place', 'network', 'disks', 'spawn', 'activate']))
    expect(faultsOf(await boots(20))).toEqual([])
    await expectOrder()
  })

  it('say how they are, each at its own door', async () => {
    for (const name of ['api1', 'con1', 'cmp1']) {
      const client = await cluster.client(name)
      expect(await client.call('health', {})).toMatchObject({ ok: true })
      expect(await client.call('daemon.status', {})).toMatchObject({ pid: members.get(name)?.pid, stopping: false })
      client.close()
    }
    // Which of them serves a host is for the broker to say.
    const workers = await Promise.all([cluster.client('cmp1'), cluster.client('cmp2')])
    const texts = await Promise.all(workers.map((worker) => worker.call('metrics', {})))
    expect(texts.join('')).toMatch(/nova_requests_total\{method="compute\.\w+",outcome="ok"\}/)
    for (const worker of workers) {
      await expect(worker.call('server.list', {})).rejects.toMatchObject({ kind: 'unsupported' })
      worker.close()
    }
  })

  it('finish what a killed conductor had begun', async () => {
    expect(faultsOf(await boots(20, () => killed('con1')))).toEqual([])
    await expectOrder()
    await start('con1')
  })

  it('go on with the other worker when one is killed', async () => {
    expect(faultsOf(await boots(20, () => killed('cmp1')))).toEqual([])
    await expectOrder()
    await start('cmp1')
    expect(faultsOf(await boots(10, () => killed('cmp2')))).toEqual([])
    await expectOrder()
    await start('cmp2')
  })

  it('finish what a killed api accepted', async () => {
    const outcomes = await boots(20, () => killed('api1'))
    await expectOrder()
    await start('api1')
    const servers = await store.read((reader) => reader.list('servers'))
    for (const { name, fault } of outcomes)
      if (fault !== undefined)
        expect(servers.find((server) => server.name === name)?.vmState ?? 'never accepted').not.toBe('building')
  })

  it('survive the broker', async () => {
    const outcomes = await boots(20, async () => {
      await cluster.broker.kill9()
      await cluster.broker.start()
    })
    expect(faultsOf(outcomes)).toEqual([])
    await expectOrder()
  })

  it('wait for a broker that is away for twenty seconds', async () => {
    const outcomes = await boots(10, async () => {
      await cluster.broker.stop()
      await clock.sleep(20_000)
      await cluster.broker.start()
    })
    expect(faultsOf(outcomes)).toEqual([])
    await expectOrder()
  })

  it('survive the database', async () => {
    await boots(10, async () => {
      await cluster.database.kill9()
      await cluster.database.start()
    })
    await expectOrder()
  })

  it('are up for each other when their clocks differ by minutes, and a leader is elected', async () => {
    for (const [name, minutes] of [
      ['con2', 5],
      ['cmp2', -5],
    ] as const) {
      await killed(name)
      await start(name, { NODE_OPTIONS: clockAhead(minutes) })
    }
    const api = await cluster.client('api1')
    const rows = await api.call('service.list', {})
    api.close()
    expect(rows).toHaveLength(3 + 2 * hosts.length)
    expect(rows).not.toContainEqual(expect.objectContaining({ state: 'down' }))
    expect(faultsOf(await boots(10))).toEqual([])
    await expectOrder()
    const leases = await store.read((reader) => reader.list('leases'))
    expect(leases).toMatchObject([{ id: 'periodic', holder: expect.stringMatching(/^(con1|con2|api1)$/) }])
  })

  it('place nothing on the hosts of disabled services', async () => {
    const api = await cluster.client('api1')
    for (const service of ['cmp1', 'cmp2']) await api.call('service.disable', { service, reason: 'new memory' })
    const { fault } = await boot(api, 'nowhere')
    expect(fault).toContain('ComputeFilter refused 2 of 2 hosts')
    for (const service of ['cmp1', 'cmp2']) await api.call('service.enable', { service })
    expect((await boot(api, 'somewhere')).fault).toBeUndefined()
    api.close()
  })
})

/** Sets the wall clock of a process of node, and leaves its monotonic one. */
function clockAhead(minutes: number): string {
  const program = `const now = Date.now; Date.now = () => now() + ${minutes * 60_000}`
  return `--import=data:text/javascript,${encodeURIComponent(program)}`
}
