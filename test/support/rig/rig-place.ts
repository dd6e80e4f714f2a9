/** A number for each rig of this machine: its networks and names. What a killed run left behind is cleared away. */
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'

const places = '/run/nova-rigs'

export interface RigPlace {
  /** 0 for the first rig of the machine. */
  readonly number: number
  /** The bridge of the management network; the test process has an address on it. */
  readonly bridge: string
  address(host: number): string
  hostName(host: number): string
  namespace(host: number): string
  /** The host's end of the cable on the bridge. */
  port(host: number): string
  release(): void
}

/** Runs a program and returns what it prints. */
export const sh = (...argv: readonly string[]): string => {
  const [file = '', ...rest] = argv
  return execFileSync(file, rest, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
}

/** Takes the lowest free number. */
export function takePlace(): RigPlace {
  mkdirSync(places, { recursive: true })
  for (let number = 0; number < 50; number += 1) {
    if (claim(number)) return placeOf(number)
  }
  throw new Error(`50 rigs run on this machine: see ${places}`)
}

/** Parameters: the file with the owner's process id, our own. Two that find a dead owner at the same time must not both succeed it. */
const claimScript = 'if kill -0 "$(cat "$1" 2>/dev/null)" 2>/dev/null; then exit 1; fi; echo "$2" >"$1"'

function claim(number: number): boolean {
  const argv = [join(places, '.lock'), 'sh', '-c', claimScript, 'sh', join(places, String(number)), String(process.pid)]
  if (spawnSync('flock', argv).status !== 0) return false
  clearNetwork(placeOf(number))
  return true
}

function placeOf(number: number): RigPlace {
  const place: RigPlace = {
    number,
    bridge: `nk${number}br`,
    address: (host) => `10.77.${number}.${host === 0 ? 254 : 10 + host}`,
    hostName: (host) => (number === 0 ? `hv${host}` : `hv${host}-${number}`),
    namespace: (host) => `nk${number}hv${host}`,
    port: (host) => `nk${number}p${host}`,
    release: () => {
      clearNetwork(place)
      rmSync(join(places, String(number)), { force: true })
    },
  }
  return place
}

function clearNetwork(place: RigPlace): void {
  const prefix = `nk${place.number}hv`
  for (const namespace of namespaces()) if (namespace.startsWith(prefix)) spawnSync('ip', ['netns', 'del', namespace])
  // A namespace that something still lives in keeps its end of a cable, and ours with it.
  const cable = new RegExp(`^nk${place.number}[pe]\\d+$`)
  for (const name of readdirSync('/sys/class/net').filter((link) => cable.test(link)))
    spawnSync('ip', ['link', 'del', name], { stdio: 'ignore' })
  spawnSync('ip', ['link', 'del', place.bridge], { stdio: 'ignore' })
  spawnSync('ip', ['link', 'del', `nk${place.number}ex`], { stdio: 'ignore' })
  for (const controller of readdirSync('/sys/fs/cgroup')) {
    spawnSync('sh', [
      '-c',
      'find "$1"/"$2"* -depth -type d -exec rmdir {} + 2>/dev/null',
      'sh',
      `/sys/fs/cgroup/${controller}`,
      prefix,
    ])
  }
}

const namespaces = () =>
  sh('ip', 'netns', 'list')
    .split('\n')
    .map((line) => line.split(' ')[0] ?? '')
