/** Two controllers and two compute workers on machines of their own, a real broker and database, three hosts by ssh, and every link between them. */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { localHost } from '../../../src/hosts/local.ts'
import { defaultSettings } from '../../../src/settings.ts'
import { openPostgresStore, type PostgresStore } from '../../../src/state/postgres/postgres-store.ts'
import { systemClock as clock } from '../../../src/system/clock.ts'
import { systemFs as fs } from '../../../src/system/fs.ts'
import { systemRandom as random } from '../../../src/system/random.ts'
import { aCluster, type Cluster, type Member } from '../../support/a-cluster.ts'
import { nova } from '../../support/cli.ts'
import { findings } from '../../support/oracles.ts'
import { type Rig, startRig } from '../../support/rig/rig.ts'
import { rigMachine } from '../../support/rig/rig-machine.ts'
import { wireBack, wireOut } from '../../support/rig/wire.ts'
import { type SlowWire, slowWire } from '../../support/slow-wire.ts'
import type { RigState } from '../rig/rig-cloud.ts'
import type { Watched } from '../rig/rig-oracle.ts'
import type { Link } from './links.ts'

export interface PartedCloud extends Watched, Pick<RigState, 'run' | 'succeed' | 'openFlows'> {
  readonly cluster: Cluster
  readonly store: PostgresStore
  readonly links: readonly Link[]
  /** The lines of the controllers to broker and database. */
  readonly lines: readonly SlowWire[]
  /** What fenced scripts did on each host since the last call, in order: server, epoch, what. */
  effects(): readonly (readonly string[])[]
  /** With a folder for the notes, what every daemon said and what the records are. */
  close(kept?: Kept): Promise<void>
}

interface Kept {
  readonly folder: string
  readonly notes: readonly unknown[]
}

export const controllers = ['ctl1', 'ctl2'] as const
const workers = ['cmp1', 'cmp2'] as const
const instancesPath = '/var/lib/nova/qemu'
const settings = {
  MAX_INSTANCES_PER_HOST: '1000',
  MAX_IO_OPS_PER_HOST: '1000',
  SHUTDOWN_TIMEOUT: '0',
  COMPUTE_DEADLINE_MS: '30000',
  DAEMON_ADOPT_SECONDS: '1',
  SERVICE_REPORT_SECONDS: '2',
  DOWN_AFTER_MS: '8000',
}
const environment = Object.fromEntries(Object.entries(settings).map(([name, value]) => [`NOVA_SET_${name}`, value]))
const commandMs = 400_000
const imageBytes = 1024 ** 2
const fenceLog = '/var/lib/nova/fence.log'

/**
 * In the place of `sh` on a host: the script behind every fenced change says under its own lock what it does, and for whom.
 * Text of the script is not changed otherwise.
 */
const tellingShell = `if [ "\${3-}" = fence ]; then
  begin='perform() {'
  script="\${2%%"$begin"*}$begin
  echo \\"\\\${fence##*/} \\$epoch \\$1 \\\${3-}\\" >>${fenceLog}\${2#*"$begin"}"
  shift 2
  exec "$REAL" -c "$script" "$@"
fi
exec "$REAL" "$@"`

export async function partedCloud(): Promise<PartedCloud> {
  const [rig, cluster] = await Promise.all([startRig(3), aCluster(environment)])
  const closers: Closer[] = [() => rig.down(), () => cluster.close()]
  try {
    for (const host of rig.hosts) host.replace('sh', tellingShell)
    const { links, lines, members } = await start(rig, cluster, closers)
    const store = await openPostgresStore({ url: cluster.database.url(), clock, random, fs })
    closers.push(() => store.close())
    const cloud = { ...stateOf(rig, cluster.directory, store), cluster, store, links, lines, effects: effectsOf(rig) }
    await furnish(cloud, rig, cluster.directory)
    return {
      ...cloud,
      async close(kept) {
        if (kept) await keep(kept, cloud, members)
        await closing(closers)
      },
    }
  } catch (error) {
    await closing(closers)
    throw error
  }
}

async function closing(closers: readonly Closer[]): Promise<void> {
  for (const close of closers.toReversed()) await close()
}

type Closer = () => Promise<unknown>
type Laid = { readonly links: Link[]; readonly lines: SlowWire[]; readonly members: Member[] }

/** For whoever looks into a failure. */
async function keep({ folder, notes }: Kept, { read }: Pick<PartedCloud, 'read'>, members: readonly Member[]): Promise<void> {
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'notes.json'), JSON.stringify(notes, null, 1))
  for (const table of ['flows', 'servers', 'migrations', 'services'] as const) {
    const records = await read((reader) => reader.list(table))
    writeFileSync(join(folder, `${table}.json`), JSON.stringify(records, null, 1))
  }
  for (const member of members) {
    member.kill()
    writeFileSync(join(folder, `${member.name}.log`), (await member.ended).stderr)
  }
}

/** The machines with their links, then a daemon on each. */
async function start(rig: Rig, cluster: Cluster & { readonly directory: string }, closers: Closer[]): Promise<Laid> {
  const { directory, broker, database } = cluster
  const laid: Laid = { links: [], lines: [], members: [] }
  const under = new Map<string, readonly string[]>()
  for (const [index, name] of [...controllers, ...workers].entries()) {
    const machine = rigMachine(rig.place, index, directory)
    under.set(name, machine.under)
    writeHome(rig, join(directory, name))
    const isWorker = name.startsWith('cmp')
    for (const [kind, port] of [['broker', broker.port] as const, ...(isWorker ? [] : [['database', database.port] as const])]) {
      const line = await slowWire(rig.place.address(0), port)
      closers.push(() => line.close())
      machine.forward(port, line.port)
      const end = { namespace: machine.namespace, address: rig.place.address(0), port: line.port }
      laid.lines.push(line)
      laid.links.push({ name: `${name}-${kind}`, kind, out: wireOut(end), back: wireBack(end) })
    }
    for (const { name: host, address } of isWorker ? rig.hosts : []) {
      const end = { namespace: machine.namespace, address }
      laid.links.push({ name: `${name}-${host}`, kind: 'host', out: wireOut(end), back: wireBack(end) })
    }
  }
  laid.links.push(...peersOf(rig))
  const hosts = rig.hosts.map(({ name }) => name).join(',')
  const member = (name: string) => ({
    roles: name.startsWith('cmp') ? 'compute' : 'api,conductor',
    under: under.get(name) ?? [],
    ...(name.startsWith('cmp') ? { hosts } : {}),
  })
  laid.members.push(await cluster.start(controllers[0], member(controllers[0])))
  const others = [controllers[1], ...workers].map((name) => cluster.start(name, member(name)))
  laid.members.push(...(await Promise.all(others)))
  return laid
}

/** The state directory of a daemon: the keys of the hosts. Images of others come over the bus. */
function writeHome(rig: Rig, state: string): void {
  mkdirSync(join(state, '.ssh'), { recursive: true, mode: 0o700 })
  writeFileSync(join(state, '.ssh/known_hosts'), rig.hosts.map(({ knownHostsLine }) => `${knownHostsLine}\n`).join(''))
  writeFileSync(join(state, '.ssh/config'), 'ConnectTimeout 3\n')
}

/** What hosts say to each other, for moves that go straight. */
const peersOf = (rig: Rig): Link[] =>
  rig.hosts.flatMap(({ name }, index) =>
    rig.hosts.slice(index + 1).map((other) => {
      const end = { namespace: rig.place.namespace(index + 1), address: other.address }
      return { name: `${name}-${other.name}`, kind: 'peer' as const, out: wireOut(end), back: wireBack(end) }
    }),
  )

function stateOf(rig: Rig, directory: string, store: PostgresStore) {
  const state = join(directory, controllers[0])
  const run = (line: string) => nova(line.split(' '), { state, timeoutMs: commandMs })
  const silent = new Set(rig.hosts.map(({ name }) => name))
  const world = {
    store,
    silent,
    settings: { ...defaultSettings, maxInstancesPerHost: 1000, maxIoOpsPerHost: 1000 },
    hostOf: ({ name }: { readonly name: string }) => localHost({ name, clock }),
  }
  return {
    state,
    cloud: {
      rig,
      kind: 'qemu' as const,
      instancesOf: ({ directory: home }: { readonly directory: string }) => join(home, 'lib-nova/qemu'),
    },
    read: store.read.bind(store),
    openFlows: () => store.read((reader) => reader.list('flows', { where: { open: true } })),
    liveServers: () => store.read((reader) => reader.list('servers', { where: { deleted: false } })),
    recordFindings: (_?: ReadonlySet<string>, told?: Parameters<typeof findings>[1]) => findings(world, told),
    run,
    async succeed(line: string) {
      const { code, signal, stderr, stdout } = await run(line)
      if (code !== 0) throw new Error(`nova ${line} ended with ${code ?? signal}: ${stderr}`)
      return stdout
    },
  }
}

/** Hosts, an image, a flavor, and no quota. */
async function furnish(
  { succeed, cluster }: Pick<PartedCloud, 'succeed' | 'cluster'>,
  rig: Rig,
  directory: string,
): Promise<void> {
  const client = await cluster.client(controllers[0])
  const login = { driver: 'qemu', virtType: 'qemu', identity: rig.identityFile, instancesPath }
  await Promise.all(rig.hosts.map(({ name, address }) => client.call('host.add', { name, address: `root@${address}`, ...login })))
  await client.call('flavor.create', { name: 'small', ram: 64, vcpus: 1, disk: 0 })
  await client.call('quota.set', { project: 'default', instances: -1, cores: -1, ram: -1 })
  client.close()
  const image = join(directory, 'image.raw')
  writeFileSync(image, Buffer.alloc(imageBytes, 7))
  await succeed(`image create small --file ${image} --disk-format raw`)
  rmSync(image)
}

function effectsOf(rig: Rig): PartedCloud['effects'] {
  const seen = new Map<string, number>()
  return () =>
    rig.hosts.map(({ name, directory }) => {
      const file = join(directory, fenceLog.replace('/var/lib/nova', 'lib-nova'))
      const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(0, -1) : []
      const fresh = lines.slice(seen.get(name) ?? 0)
      seen.set(name, lines.length)
      return fresh
    })
}
