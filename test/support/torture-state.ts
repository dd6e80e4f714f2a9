/** A state directory with one fake host, driven by real CLI processes and checked behind their back. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FakeFault } from '../../src/drivers/fake/index.ts'
import { localHost } from '../../src/hosts/local.ts'
import type { FlowRecord } from '../../src/model/flow.ts'
import type { Server } from '../../src/model/server.ts'
import { defaultSettings } from '../../src/settings.ts'
import { openJsonStore } from '../../src/state/json/json-store.ts'
import type { Reader } from '../../src/state/store.ts'
import { systemClock } from '../../src/system/clock.ts'
import { systemFs } from '../../src/system/fs.ts'
import { type CliOptions, type CliResult, nova, type RunningCli, spawnNova } from './cli.ts'
import { realTime } from './host-directory.ts'
import { type Acknowledged, findings } from './oracles.ts'

/** A state directory as nobody's process but the test's sees it. */
export interface StateReading {
  readonly state: string
  read<T>(body: (reader: Reader) => Promise<T>): Promise<T>
  openFlows(): Promise<FlowRecord[]>
  liveServers(): Promise<Server[]>
  /** Broken invariants of the records, and of the hosts that are not `silent`. */
  recordFindings(silent?: ReadonlySet<string>, told?: Acknowledged): Promise<string[]>
}

export interface TortureState extends StateReading {
  run(args: string, options?: Partial<CliOptions>): Promise<CliResult>
  start(args: string, options?: Partial<CliOptions>): Promise<RunningCli>
  /** Tells the host's hypervisor to misbehave from now on. */
  misbehave(faults: readonly FakeFault[]): void
  /** Broken invariants, also of the state directory itself. */
  findings(told?: Acknowledged): Promise<string[]>
  cleanup(): void
}

export interface TortureOptions {
  /** A directory to use instead of a new one; `cleanup` leaves it. */
  readonly directory?: string
  /** How its host is added; a fake one by default. */
  readonly host?: string
}

/** Neither quota nor the limits of one host are what is tested here. */
const settings = { maxIoOpsPerHost: 10_000, maxInstancesPerHost: 10_000 }

export async function tortureState({
  directory,
  host = 'host add h1 --driver fake',
}: TortureOptions = {}): Promise<TortureState> {
  const state = directory ?? mkdtempSync(join(tmpdir(), 'nk-'))
  writeFileSync(join(state, 'settings.json'), JSON.stringify(settings))
  const world = reading(state)
  const run = (args: string, options: Partial<CliOptions> = {}) => nova(args.split(' '), { state, ...options })
  for (const command of [host, 'quota set --instances -1 --cores -1 --ram -1']) {
    const { code, stderr } = await run(command)
    if (code !== 0) throw new Error(`nova ${command} ended with ${code}: ${stderr}`)
  }
  return {
    ...world,
    findings: async (told) => [
      ...(await world.recordFindings(undefined, told)),
      ...strayFiles(state),
      ...orphanSecrets(state, await world.liveServers()),
    ],
    run,
    start: (args, options = {}) => spawnNova(args.split(' '), { state, ...options }),
    misbehave(faults) {
      mkdirSync(join(state, 'instances/h1'), { recursive: true, mode: 0o700 })
      writeFileSync(join(state, 'instances/h1/faults.json'), JSON.stringify(faults))
    },
    cleanup: () => (directory === undefined ? rmSync(state, { recursive: true, force: true }) : undefined),
  }
}

/** Reads a state directory that others write. */
export function reading(state: string): StateReading {
  const local = localHost({ name: 'here', clock: realTime })
  const open = () => openJsonStore({ directory: state, fs: systemFs, clock: systemClock, readOnly: true })
  const read = async <T>(body: (reader: Reader) => Promise<T>): Promise<T> => {
    const store = open()
    return store.read(body).finally(() => store.close())
  }
  return {
    state,
    read,
    openFlows: () => read((reader) => reader.list('flows', { where: { open: true } })),
    liveServers: () => read((reader) => reader.list('servers', { where: { deleted: false } })),
    async recordFindings(silent = new Set(), told) {
      const store = open()
      return findings({ store, silent, settings: defaultSettings, hostOf: () => local }, told).finally(() => store.close())
    },
  }
}

const known =
  /^(settings\.json|manifest\.json(\.new)?|lock|compact\.lock|history|archive|instances|images|vault|audit\.log|(journal|[A-Za-z]+)\.\d+\.(jsonl|index))$/

const strayFiles = (state: string): string[] =>
  readdirSync(state)
    .filter((name) => !known.test(name))
    .map((name) => `HOST the state directory keeps ${name}`)

/** Secrets outlive no server. */
function orphanSecrets(state: string, servers: readonly Server[]): string[] {
  const vault = join(state, 'vault')
  const ids = new Set(servers.map((server) => server.id))
  const kept = existsSync(vault)
    ? readdirSync(vault).filter((id) => readdirSync(join(vault, id)).some((name) => name !== '.owner'))
    : []
  return kept.filter((id) => !ids.has(id)).map((id) => `SEC the vault keeps secrets of ${id}, which is no server`)
}
