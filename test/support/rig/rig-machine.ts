/** A machine on a rig's network that runs no guests: a network and a boot id of its own, and services of this machine on its loopback. */
import { randomUUID } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { layCables } from './rig-host.ts'
import { type RigPlace, sh } from './rig-place.ts'

export interface RigMachine {
  readonly address: string
  readonly namespace: string
  /** Program and arguments that run others there; it becomes what it runs. */
  readonly under: readonly string[]
  /** What is asked at this port of its loopback is asked at that port of this machine. */
  forward(port: number, to: number): void
}

/** Machines are counted from here, hosts from 1: `RigPlace.release` clears both away. */
const firstNumber = 21
/** Processes of two machines know of each other by their reports alone. */
const enter = 'mount --bind "$1" /proc/sys/kernel/random/boot_id; shift; exec "$@"'

/** The rig's `number`-th machine beside its hosts, 0 for the first. */
export function rigMachine(place: RigPlace, number: number, directory: string): RigMachine {
  const own = firstNumber + number
  const [namespace, address] = [place.namespace(own), place.address(own)]
  layCables(place, own)
  const inside = ['ip', 'netns', 'exec', namespace]
  const boot = join(directory, `boot-${number}`)
  writeFileSync(boot, `${randomUUID()}\n`)
  sh(...inside, 'sysctl', '-qw', 'net.ipv4.conf.all.route_localnet=1')
  const masquerade = ['-t', 'nat', '-A', 'POSTROUTING', '-o', 'eth0', '-s', '127.0.0.0/8', '-j', 'MASQUERADE']
  sh(...inside, 'iptables', '-w', ...masquerade)
  return {
    address,
    namespace,
    under: [...inside, 'sh', '-c', enter, 'sh', boot],
    forward(port, to) {
      const asked = ['-t', 'nat', '-A', 'OUTPUT', '-d', '127.0.0.1', '-p', 'tcp', '--dport', String(port)]
      sh(...inside, 'iptables', '-w', ...asked, '-j', 'DNAT', '--to-destination', `${place.address(0)}:${to}`)
    },
  }
}
