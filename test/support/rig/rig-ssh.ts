/** Hosts of a rig as the product reaches them. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type KnownHosts, knownHosts } from '../../../src/hosts/known-hosts-files.ts'
import { type SshHostOptions, sshHost } from '../../../src/hosts/ssh.ts'
import { realTime } from '../host-directory.ts'
import type { Rig } from './rig.ts'
import type { RigHost } from './rig-host.ts'

let count = 0

/** Keys of all hosts of the rig, read by nobody else. */
export const rigKeys = (rig: Rig): KnownHosts => knownHosts({ files: [], own: rigKnownHosts(rig) })

/** The file with those keys. */
export function rigKnownHosts(rig: Rig): string {
  const own = join(rig.directory, 'known_hosts')
  writeFileSync(own, rig.hosts.map(({ knownHostsLine }) => `${knownHostsLine}\n`).join(''))
  return own
}

/** An ssh host without the settings of whoever runs the test. */
export const rigSshHost = (rig: Rig, { name, address }: RigHost, change: Partial<SshHostOptions> = {}) =>
  sshHost({
    name,
    address: `root@${address}`,
    identityFile: rig.identityFile,
    knownHosts: rigKeys(rig),
    clock: realTime,
    configFile: join(rig.directory, 'no-config'),
    agentSocket: '',
    ...change,
  })

/** An empty directory on a host of the rig, and what the host contract needs besides. */
export async function onRigHost(rig: Rig, number = 1, change: Partial<SshHostOptions> = {}) {
  const host = rigSshHost(rig, rig.host(number), change)
  count += 1
  const directory = `/var/lib/nova/test-${count}`
  await host.mkdir(directory)
  return {
    host,
    directory,
    localFile: async (bytes: Uint8Array) => {
      count += 1
      const path = join(rig.directory, `local-${count}`)
      writeFileSync(path, bytes)
      return path
    },
    cleanup: async () => {
      await host.remove(directory)
      await host.close()
    },
  }
}
