/** A small cloud with one server, and the questions that tests of its moves ask. */
import { create } from '../../src/actions/server/create.ts'
import type { Server } from '../../src/model/server.ts'
import { aCloud, type Cloud, type CloudOptions, guestsOn } from './a-cloud.ts'
import { given, performed, type TestContext } from './a-context.ts'
import { findingsOf } from './broken-steps.ts'

export interface MovedServer {
  readonly cloud: Cloud
  readonly context: TestContext
  server(): Promise<Server>
  /** Statuses of its moves, oldest first. */
  moves(): Promise<string[]>
  /** Hosts on which its guest runs, by the hypervisors' own files. */
  running(): Promise<string[]>
  /** Everything below a host's instances directory that belongs to a guest, aside or not. */
  entries(host: string): Promise<string[]>
  findings(): Promise<string[]>
}

/** web-1, m1.small, runs on host-a; the other hosts are empty. */
export async function aServerToMove(
  names: readonly string[] = ['host-a', 'host-b'],
  options: CloudOptions = {},
): Promise<MovedServer> {
  const cloud = await aCloud(names, options)
  const boot = { name: 'web-1', image: 'cirros', flavor: 'm1.small', availabilityZone: ':host-a' }
  await performed(create, boot, cloud.context)
  return movedServer(cloud)
}

function movedServer(cloud: Cloud): MovedServer {
  const { context } = cloud
  const server = async () => {
    const [found] = await context.store.read((reader) => reader.list('servers'))
    if (!found) throw new Error('there is no server')
    return found
  }
  return {
    cloud,
    context,
    server,
    moves: async () => (await context.store.read((reader) => reader.list('migrations'))).map(({ status }) => status),
    running: () => runningOn(cloud),
    entries: async (host) =>
      (await cloud.hosts.get(host)?.readdir('/instances'))?.filter((name) => /^[0-9a-f-]{36}/.test(name)) ?? [],
    findings: () => findingsOf(cloud),
  }
}

/** Hosts on which a guest runs, one entry for each guest. */
export async function runningOn(cloud: Pick<Cloud, 'hosts'>): Promise<string[]> {
  const found: string[] = []
  for (const [name, host] of cloud.hosts)
    for (const id of await guestsOn(host)) {
      const text = await host.readFile(`/instances/${id}/guest.json`)
      if (text && JSON.parse(text.toString('utf8')).powerState === 'running') found.push(name)
    }
  return found
}

/** Changes settings of a context. */
export const withSettings = (context: TestContext, settings: Partial<TestContext['settings']>): TestContext => ({
  ...context,
  settings: { ...context.settings, ...settings },
})

/** Limits of project p1. */
export const limited = (context: TestContext, ...limits: [string, number][]) =>
  given(context, 'quotas', { id: 'p1', generation: 1, limits })
