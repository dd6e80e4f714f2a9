/**
 * Several hypervisor hosts on one machine: each has its own network, mounts, processes, name, sshd and libvirtd.
 * Needs root and Debian's packages; `rigObstacle` says by name what is missing.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeKey, writeHostFiles } from './rig-files.ts'
import { type RigHost, rigHost } from './rig-host.ts'
import { type RigPlace, sh, takePlace } from './rig-place.ts'

export interface Rig {
  /** Its number on this machine, for machines beside the hosts. */
  readonly place: RigPlace
  readonly hosts: readonly RigHost[]
  /** The private key that logs in as root everywhere. */
  readonly identityFile: string
  readonly directory: string
  /** What all hosts see as /var/lib/nova-shared. */
  readonly shared: string
  host(number: number): RigHost
  down(): Promise<void>
}

/** Switches `count` hosts on; `plain` ones have no libvirt. */
export async function startRig(count: number, kind: 'libvirt' | 'plain' = 'plain'): Promise<Rig> {
  const place = takePlace()
  const directory = mkdtempSync(join(tmpdir(), 'nk-rig-'))
  const identityFile = join(directory, 'id')
  makeKey(identityFile)
  const authorizedKey = readFileSync(`${identityFile}.pub`, 'utf8')
  const shared = join(directory, 'shared')
  mkdirSync(shared)
  const numbers = Array.from({ length: count }, (_, index) => index + 1)
  const neighbours = numbers.map((number) => ({ name: place.hostName(number), address: place.address(number) }))
  for (const bridge of [place.bridge, `nk${place.number}ex`]) {
    sh('ip', 'link', 'add', bridge, 'type', 'bridge')
    sh('ip', 'link', 'set', bridge, 'up')
  }
  sh('ip', 'addr', 'add', `${place.address(0)}/24`, 'dev', place.bridge)
  const hosts = numbers.map((number) => {
    const home = join(directory, place.hostName(number))
    const [name, address] = [place.hostName(number), place.address(number)]
    const uuid = `0000000${number}-0000-4000-8000-0000000000${String(place.number).padStart(2, '0')}`
    writeHostFiles({ name, address, uuid, directory: home, authorizedKey, neighbours })
    return rigHost({ place, number, directory: home, shared, kind })
  })
  await Promise.all(hosts.map((host) => host.start()))
  return {
    place,
    hosts,
    identityFile,
    directory,
    shared,
    host: (number) => {
      const host = hosts[number - 1]
      if (host === undefined) throw new Error(`the rig has ${count} hosts, not ${number}`)
      return host
    },
    down: async () => {
      await Promise.all(hosts.map((host) => host.crash()))
      place.release()
      rmSync(directory, { recursive: true, force: true })
    },
  }
}
