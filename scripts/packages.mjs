// Debian packages that the project needs on this machine: which are missing, and installing them when that is allowed.
import { execFileSync, spawnSync } from 'node:child_process'
import { accessSync, constants, existsSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { createInterface } from 'node:readline/promises'

/** What each program comes from. */
const packageOf = new Map([
  ['qemu-system-x86_64', 'qemu-system-x86'],
  ['qemu-img', 'qemu-utils'],
  ['genisoimage', 'genisoimage'],
  ['ssh', 'openssh-client'],
  ['strace', 'strace'],
  ['sshd', 'openssh-server'],
  ['socat', 'socat'],
  ['sudo', 'sudo'],
  ['virsh', 'libvirt-clients'],
  ['libvirtd', 'libvirt-daemon-system-sysv'],
  ['dnsmasq', 'dnsmasq-base'],
  ['ip', 'iproute2'],
  ['systemd-notify', 'systemd'],
  ['perl', 'perl-base'],
  ['postgres', 'postgresql'],
  ['rabbitmq-server', 'rabbitmq-server'],
])

/** True when a program is on the PATH. */
export function has(program) {
  // An ordinary user's PATH lacks the administrator's programs.
  return [...`${process.env.PATH ?? ''}:/usr/sbin:/sbin`.split(':'), ...postgresFolders()].some((directory) => {
    try {
      accessSync(path.join(directory, program), constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}

/** Debian keeps PostgreSQL's programs out of the PATH, a folder for each version. */
function postgresFolders() {
  const root = '/usr/lib/postgresql'
  return existsSync(root) ? readdirSync(root).map((version) => path.join(root, version, 'bin')) : []
}

/** While this is there, installing PostgreSQL makes and starts no cluster of the system's own, which nobody asked for. */
const noCluster = '/etc/postgresql-common/createcluster.d/novakit.conf'
const putNoCluster = ['sh', '-c', `mkdir -p "$(dirname ${noCluster})" && echo 'create_main_cluster = false' > ${noCluster}`]

/** While this is there, no package starts a service: the suites start brokers of their own. A machine's own policy is left alone. */
const noServices = '/usr/sbin/policy-rc.d'
const putNoServices = ['sh', '-c', `printf '#!/bin/sh\nexit 101\n' > ${noServices} && chmod 755 ${noServices}`]

/** Files that keep a package from leaving a service behind; they go after the installation. */
const guardsOf = new Map([
  ['postgresql', [{ file: noCluster, put: putNoCluster }]],
  ['rabbitmq-server', [{ file: noServices, put: putNoServices }]],
])

/** Installs what is missing of `programs`. Resolves with the reason why it could not, or undefined when all is there. */
export async function ensurePrograms(programs) {
  const missing = programs.filter((program) => !has(program))
  if (missing.length === 0) return undefined
  const packages = [...new Set(missing.map((program) => packageOf.get(program) ?? program))]
  if (!has('apt-get')) return `${missing.join(', ')} missing, and this system has no apt-get`
  const command = ['apt-get', 'install', '-y', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=300', ...packages]
  const prefix = await privilege(packages)
  if (prefix === undefined) return `${missing.join(', ')} missing; install with: sudo ${command.join(' ')}`
  console.error(`installing packages: ${packages.join(' ')}`)
  const guards = packages.flatMap((name) => guardsOf.get(name) ?? []).filter(({ file }) => !existsSync(file))
  const failed = runAll(prefix, [...guards.map(({ put }) => put), update, command])
  const left = runAll(
    prefix,
    guards.map(({ file }) => ['rm', '-f', file]),
  )
  if (failed ?? left) return failed ?? left
  const still = programs.filter((program) => !has(program))
  return still.length === 0 ? undefined : `${still.join(', ')} still missing after the installation`
}

/** Fetches the lists of packages. Resolves with the reason why it could not, or undefined. */
export async function refreshPackageLists() {
  if (!has('apt-get')) return 'this system has no apt-get'
  const prefix = await privilege(['the lists of packages'])
  return prefix === undefined ? `the lists of packages are old; run: sudo ${update.join(' ')}` : runAll(prefix, [update])
}

const update = ['apt-get', 'update', '-qq']

function runAll(prefix, commands) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  for (const argv of commands) {
    const [program, ...rest] = [...prefix, ...argv]
    const done = spawnSync(program, rest, { env, stdio: ['ignore', 'ignore', 'pipe'], encoding: 'utf8' })
    if (done.status !== 0) return `${argv.slice(0, 2).join(' ')} failed: ${(done.stderr ?? '').trim().split('\n').at(-1)}`
  }
  return undefined
}

/** The words before apt-get: none for root, sudo after a yes; undefined when it is not allowed. */
async function privilege(packages) {
  if (process.getuid?.() === 0) return []
  if (!has('sudo')) return undefined
  if (!process.stdin.isTTY) return undefined
  const prompt = createInterface({ input: process.stdin, output: process.stderr })
  const answer = await prompt.question(`install ${packages.join(' ')} with sudo? [y/N] `)
  prompt.close()
  if (!/^y(es)?$/i.test(answer.trim())) return undefined
  try {
    execFileSync('sudo', ['-v'], { stdio: 'inherit' })
    return ['sudo']
  } catch {
    return undefined
  }
}
