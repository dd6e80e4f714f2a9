/** What befalls a host or the controller in the middle of long work, and how it is mended. */
import { execFileSync } from 'node:child_process'
import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { makeKey } from '../../support/rig/rig-files.ts'
import type { RigHost } from '../../support/rig/rig-host.ts'

export interface Strike {
  readonly name: string
  /** Whether the host's guests die of it. */
  readonly endsGuests?: boolean
  /** Only on hosts with libvirt. */
  readonly needsLibvirt?: boolean
  strike(host: RigHost): Promise<void>
  mend(host: RigHost): Promise<void>
}

const nothing = async () => undefined

/** Packets vanish first: nobody is told that the connections are gone. */
const power: Strike = {
  name: 'power fails silently',
  endsGuests: true,
  async strike(host) {
    host.blackhole()
    await host.crash()
  },
  async mend(host) {
    host.heal()
    await host.start()
  },
}

/** Its kernel still refuses connections. */
const crash: Strike = {
  name: 'crashes',
  endsGuests: true,
  strike: (host) => host.crash(),
  mend: (host) => host.start(),
}

const cut: Strike = { name: 'loses its connections', strike: async (host) => host.cut(), mend: nothing }

const blackhole: Strike = {
  name: 'cannot be reached',
  strike: async (host) => host.blackhole(),
  mend: async (host) => host.heal(),
}

const stopDaemon = 'pid=$(cat /run/libvirtd.pid); kill "$pid"; while kill -0 "$pid" 2>/dev/null; do :; done'
const daemonIsOff: Strike = {
  name: 'has no libvirtd',
  needsLibvirt: true,
  strike: async (host) => void host.enter('sh', '-c', stopDaemon),
  mend: async (host) => void host.enter('libvirtd', '-d', '--listen'),
}

const daemonRestarts: Strike = {
  name: 'restarts libvirtd',
  needsLibvirt: true,
  async strike(host) {
    host.enter('sh', '-c', stopDaemon)
    host.enter('libvirtd', '-d', '--listen')
  },
  mend: nothing,
}

const virshHangs: Strike = {
  name: 'has a virsh that hangs',
  needsLibvirt: true,
  strike: async (host) => host.replace('virsh', 'exec sleep 600'),
  async mend(host) {
    host.replace('virsh')
    host.enter('sh', '-c', 'pkill -x sleep -f "^sleep 600" || true')
  },
}

/** Somebody else answers at its address. */
const keyChanges: Strike = {
  name: 'shows another key',
  async strike(host) {
    const key = join(host.directory, 'host_ed25519')
    copyFileSync(key, `${key}.own`)
    copyFileSync(`${key}.pub`, `${key}.pub.own`)
    makeKey(key)
    restartSshd(host)
  },
  async mend(host) {
    const key = join(host.directory, 'host_ed25519')
    execFileSync('mv', [`${key}.own`, key])
    execFileSync('mv', [`${key}.pub.own`, `${key}.pub`])
    restartSshd(host)
  },
}

function restartSshd(host: RigHost): void {
  const { directory } = host
  host.enter('sh', '-c', 'pid=$(cat /run/sshd.pid); kill "$pid"; while kill -0 "$pid" 2>/dev/null; do :; done')
  host.cut()
  host.enter('/usr/sbin/sshd', '-f', join(directory, 'sshd_config'), '-E', join(directory, 'sshd.log'))
}

/** Those that a host recovers from with all its guests. */
export const faults: readonly Strike[] = [cut, blackhole, daemonIsOff, daemonRestarts, virshHangs, keyChanges]
export const powerFailures: readonly Strike[] = [power, crash]
