/** Hosts of a rig, driven as an operator does: by the built `nova`, over ssh, with a state of its own. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type CliResult, nova, novaJson } from './cli.ts'
import { eventually } from './eventually.ts'
import { type Rig, startRig } from './rig/rig.ts'
import type { RigHost } from './rig/rig-host.ts'
import { holdingsOf } from './rig/rig-scan.ts'
import { rigSshHost } from './rig/rig-ssh.ts'
import { typeLine } from './serial-console.ts'

export interface FleetServer {
  readonly id: string
  readonly name: string
  readonly status: string
  readonly host: string
  readonly taskState: string | null
}

export interface RigFleet {
  readonly rig: Rig
  readonly state: string
  /** Runs a command line to its end, whatever comes of it. */
  run(...line: string[]): Promise<CliResult>
  /** What a command that must succeed prints. */
  out(...line: string[]): Promise<string>
  /** The object that a command which must succeed answers with. */
  json(...line: string[]): Promise<Record<string, unknown>>
  rows(...line: string[]): Promise<Record<string, unknown>[]>
  server(name: string): Promise<FleetServer>
  hostNamed(name: string): RigHost
  virsh(host: RigHost, ...words: string[]): string
  /** Domains of each host in order, by name. */
  domains(): string[][]
  /** What each host runs, by the ids of its qemu processes. */
  running(): string[][]
  /** Types a line at the guest's console until it answers. */
  type(server: string, line: string, answer: string): Promise<string>
  /** Waits until the console shows one more login prompt than `seen`; says how many there are. */
  prompt(server: string, seen?: number): Promise<number>
  remove(): Promise<void>
}

const minutes = 60_000

/** `paths` are the instances directories of the hosts; each host has one of its own where none is given. */
export async function rigFleet(
  count: number,
  paths: readonly (string | undefined)[] = [],
  driver: 'libvirt' | 'qemu' = 'libvirt',
): Promise<RigFleet> {
  const rig = await startRig(count, driver === 'qemu' ? 'plain' : 'libvirt')
  const state = mkdtempSync(join(tmpdir(), 'nk-'))
  const fleet = fleetOf(rig, state)
  for (const [index, { name, address }] of rig.hosts.entries()) {
    const login = [`root@${address}`, '--identity', rig.identityFile, '--accept-new']
    const place = paths[index] === undefined ? [] : ['--instances-path', paths[index]]
    await fleet.out('host', 'add', name, ...login, '--driver', driver, '--virt-type', 'qemu', ...place)
  }
  return fleet
}

function fleetOf(rig: Rig, state: string): RigFleet {
  const options = { state, timeoutMs: 5 * minutes }
  const run = (...line: string[]) => nova(line, options)
  const json = async (...line: string[]) => Object(await novaJson(line, options))
  const virsh = (host: RigHost, ...words: string[]) =>
    host.enter('env', 'LC_ALL=C', 'virsh', '-q', '-c', 'qemu:///system', ...words)
  const hostNamed = (name: string) => {
    const found = rig.hosts.find((host) => host.name === name)
    if (!found) throw new Error(`the rig has no host ${name}`)
    return found
  }
  const server = async (name: string): Promise<FleetServer> => json('show', name)
  const prompts = async (name: string) => (await run('console-log', name)).stdout.split(' login:').length - 1
  return {
    rig,
    state,
    run,
    json,
    rows: json,
    server,
    hostNamed,
    virsh,
    domains: () => rig.hosts.map((host) => virsh(host, 'list', '--all', '--name').split('\n').filter(Boolean)),
    running: () => rig.hosts.map((host) => holdingsOf(host, host.instancesPath).running.slice()),
    out: async (...line) => {
      const { code, stdout, stderr } = await run(...line)
      if (code !== 0) throw new Error(`nova ${line.join(' ')} ended with ${code}: ${stderr}${stdout}`)
      return stdout
    },
    type: async (name, line, answer) => {
      const { socket } = await json('console', name)
      const host = rigSshHost(rig, hostNamed((await server(name)).host))
      try {
        return await typeAgain(() => host.connect(String(socket)), line, answer)
      } finally {
        await host.close()
      }
    },
    prompt: (name, seen = 0) =>
      eventually(
        `prompt ${seen + 1} of ${name}`,
        async () => {
          const count = await prompts(name)
          return count > seen && count
        },
        5 * minutes,
      ),
    remove: async () => {
      await rig.down()
      rmSync(state, { recursive: true, force: true })
    },
  }
}

/** A guest on a busy machine that has just arrived may miss what is typed. */
async function typeAgain(open: () => Promise<Parameters<typeof typeLine>[0]>, line: string, answer: string): Promise<string> {
  for (let left = 2; ; left -= 1) {
    const console = await open()
    try {
      return await typeLine(console, line, answer, 40_000)
    } catch (error) {
      if (left === 0) throw error
    } finally {
      console.destroy()
    }
  }
}
