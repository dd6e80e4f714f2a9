/** One hypervisor host of the rig: namespaces of its own, a power switch and a cable that can be pulled. */
import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { promisify } from 'node:util'
import { eventually } from '../eventually.ts'
import { type RigPlace, sh } from './rig-place.ts'

export interface RigHost {
  readonly name: string
  readonly address: string
  readonly directory: string
  /** The line of a known_hosts file. */
  readonly knownHostsLine: string
  /** Where guests live on it, under a path that is the same on every host. */
  readonly instancesPath: string
  /** Runs a program inside the host, past ssh; returns its standard output. */
  enter(...argv: readonly string[]): string
  /** The same while this process goes on, and with it the tunnels that run through it. */
  entering(...argv: readonly string[]): Promise<string>
  /** The host's PID 1 as this machine counts; empty before its first start. */
  initPid(): string
  /** Puts a shell script in a program's place; `$REAL` is the program itself. Without a script the program is back. */
  replace(program: string, script?: string): void
  /** Power failure: the kernel kills every process of the host. */
  crash(): Promise<void>
  /** Power on; nothing happens when it is. */
  start(): Promise<void>
  /** Power off and on, without any guest that it had. */
  reset(): Promise<void>
  /** Ends every ssh connection with a reset; new ones are welcome. */
  cut(): void
  /** Packets vanish until `heal`. */
  blackhole(): void
  heal(): void
}

export interface RigHostOptions {
  readonly place: RigPlace
  readonly number: number
  readonly directory: string
  readonly shared: string
  readonly kind: 'libvirt' | 'plain'
}

const initScript = join(import.meta.dirname, 'host-init.sh')
/** What a host remembers of its guests. */
const guestFiles = ['lib-nova', 'lib-libvirt', 'etc-libvirt/qemu']
const controllers = ['cpu', 'cpuacct', 'cpuset', 'memory', 'devices', 'freezer', 'blkio', 'pids']

/** Cables for the host; it is off until `start`. */
export function rigHost(options: RigHostOptions): RigHost {
  const { place, number, directory } = options
  const namespace = place.namespace(number)
  const port = place.port(number)
  layCables(place, number)
  let power: ChildProcess | undefined
  const isOn = () => power !== undefined && power.exitCode === null && power.signalCode === null
  const crash = async () => {
    if (power === undefined || !isOn()) return
    power.ref()
    const gone = new Promise((resolve) => power?.once('exit', resolve))
    // One that never was ready dies with the process that made it.
    if (existsSync(join(directory, 'init.pid'))) process.kill(Number(pid()), 'SIGKILL')
    else power.kill('SIGKILL')
    await gone
  }
  const start = async () => {
    if (isOn()) return
    power = powerOn(options, namespace)
    await eventually(`host ${place.hostName(number)}`, async () => isReady(directory, power), 60_000)
  }
  const pid = () => readFileSync(join(directory, 'init.pid'), 'utf8').trim()
  const inside = (argv: readonly string[]) => ['-t', pid(), '-m', '-u', '-n', '-p', '-C', '--', ...argv]
  const enter = (...argv: readonly string[]) => sh('nsenter', ...inside(argv))
  return {
    name: place.hostName(number),
    address: place.address(number),
    directory,
    get knownHostsLine() {
      const [type = '', key = ''] = readFileSync(join(directory, 'host_ed25519.pub'), 'utf8').split(' ')
      return `${place.address(number)} ${type} ${key}`
    },
    instancesPath: '/var/lib/nova/instances',
    enter,
    entering: async (...argv) => (await promisify(execFile)('nsenter', inside(argv))).stdout,
    initPid: () => (existsSync(join(directory, 'init.pid')) ? pid() : ''),
    replace: (program, script) => replace(join(directory, 'bin', program), script),
    crash,
    start,
    async reset() {
      await crash()
      for (const path of guestFiles) rmSync(join(directory, path), { recursive: true, force: true })
      await start()
    },
    cut() {
      // Killed sessions close their sockets with data unread: the other side sees the end at once.
      spawnSync('nsenter', ['-t', pid(), '-m', '-p', '--', 'sh', '-c', "pkill -KILL -f '^sshd: [^/]'"], { stdio: 'ignore' })
    },
    blackhole: () => void sh('ip', 'link', 'set', port, 'nomaster'),
    heal: () => void sh('ip', 'link', 'set', port, 'master', place.bridge),
  }
}

/** eth0 on the management bridge, eth1 under the host's own bridge br-ex for guests. */
export function layCables(place: RigPlace, number: number): void {
  const namespace = place.namespace(number)
  const inside = (...argv: readonly string[]) => sh('ip', '-n', namespace, ...argv)
  sh('ip', 'netns', 'add', namespace)
  inside('link', 'set', 'lo', 'up')
  sh('ip', 'link', 'add', place.port(number), 'type', 'veth', 'peer', 'name', 'eth0', 'netns', namespace)
  sh('ip', 'link', 'set', place.port(number), 'master', place.bridge, 'up')
  inside('addr', 'add', `${place.address(number)}/24`, 'dev', 'eth0')
  inside('link', 'set', 'eth0', 'up')
  const guests = `nk${place.number}e${number}`
  sh('ip', 'link', 'add', guests, 'type', 'veth', 'peer', 'name', 'eth1', 'netns', namespace)
  sh('ip', 'link', 'set', guests, 'master', `nk${place.number}ex`, 'up')
  inside('link', 'add', 'br-ex', 'type', 'bridge')
  inside('link', 'set', 'eth1', 'master', 'br-ex', 'up')
  inside('link', 'set', 'br-ex', 'up')
}

/** The host's PID 1. It dies with the process of the test, and everything in the host with it. */
function powerOn({ place, number, directory, shared, kind }: RigHostOptions, namespace: string): ChildProcess {
  for (const file of ['ready', 'init.pid']) rmSync(join(directory, file), { force: true })
  joinable(namespace)
  const join1 = controllers.map((name) => `echo $$ >/sys/fs/cgroup/${name}/${namespace}/cgroup.procs 2>/dev/null`).join('; ')
  const unshare = 'exec unshare --mount --propagation private --uts --cgroup --pid --fork --kill-child=SIGKILL "$@"'
  const argv = ['--pdeathsig', 'KILL', 'ip', 'netns', 'exec', namespace, 'sh', '-c', `${join1}; ${unshare}`, 'sh']
  const init = [initScript, directory, place.hostName(number), shared, kind]
  const child = spawn('setpriv', [...argv, 'bash', ...init], { stdio: ['ignore', 'ignore', 'pipe'] })
  child.stderr.on('data', (text: Buffer) => {
    // The last words of a rig that is taken down may come when its directory is gone.
    if (existsSync(directory)) writeFileSync(join(directory, 'init.log'), text, { flag: 'a' })
  })
  child.unref()
  return child
}

/** The directory of these programs comes first in the host's PATH. */
function replace(path: string, script: string | undefined): void {
  rmSync(path, { force: true })
  if (script === undefined) return
  const name = basename(path)
  writeFileSync(`${path}.new`, `#!/bin/sh\nREAL=$(PATH=/usr/sbin:/usr/bin:/sbin:/bin command -v ${name})\n${script}\n`, {
    mode: 0o755,
  })
  renameSync(`${path}.new`, path)
}

/** Control groups of the host's own, joined before its control group namespace is made. */
function joinable(namespace: string): void {
  for (const controller of controllers) {
    const root = `/sys/fs/cgroup/${controller}`
    if (!existsSync(root)) continue
    mkdirSync(`${root}/${namespace}`, { recursive: true })
    if (controller !== 'cpuset') continue
    for (const file of ['cpuset.cpus', 'cpuset.mems'])
      writeFileSync(`${root}/${namespace}/${file}`, readFileSync(`${root}/${file}`))
  }
}

function isReady(directory: string, power: ChildProcess | undefined): boolean {
  if (power?.exitCode !== null || power.signalCode !== null)
    throw new Error(`the host did not start: ${readFileSync(join(directory, 'init.log'), 'utf8')}`)
  if (!existsSync(join(directory, 'ready'))) return false
  const children = readFileSync(`/proc/${power.pid}/task/${power.pid}/children`, 'utf8')
  writeFileSync(join(directory, 'init.pid'), children.trim())
  return true
}
