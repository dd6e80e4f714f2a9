/** The ssh hosts of one process: one connection for each, and the keys that this process may accept. */
import type { Clock } from '../core/ports.ts'
import type { HostRecord } from '../model/host.ts'
import type { Host } from './host.ts'
import type { AskPassphrase } from './ssh-logins.ts'

export interface SshHosts {
  /** The host of a record; the same one for the same login. */
  open(record: HostRecord): Promise<Host>
  /** From now on the key of `name` may be new; `onAccepted` is told what it was. With `planning` it is not written down. */
  acceptNew(name: string, acceptance: Acceptance): void
  close(): Promise<void>
}

export interface Acceptance {
  readonly planning: boolean
  readonly onAccepted: (message: string) => void
}

export interface SshHostsOptions {
  readonly stateDirectory: string
  readonly clock: Clock
  readonly askPassphrase?: AskPassphrase | undefined
}

/** No host, and no connection. */
export function sshHosts({ stateDirectory, clock, askPassphrase }: SshHostsOptions): SshHosts {
  const hosts = new Map<string, Promise<Host>>()
  const accepting = new Map<string, Acceptance>()
  const make = async ({ name, address, identityFile, jump, sudo }: HostRecord): Promise<Host> => {
    const [{ sshHost }, { knownHosts }, { homedir }] = await Promise.all([
      import('./ssh.ts'),
      import('./known-hosts-files.ts'),
      import('node:os'),
    ])
    const home = process.env.HOME ?? homedir()
    const keys = knownHosts({
      files: [`${home}/.ssh/known_hosts`, '/etc/ssh/ssh_known_hosts'],
      own: `${stateDirectory}/known_hosts`,
      // Asked at each connection: a person may say yes after the first one was refused.
      get accept() {
        const acceptance = accepting.get(name)
        return acceptance === undefined ? undefined : acceptance.planning ? 'planned' : 'new'
      },
      onAccepted: ({ host, fingerprint, file }) =>
        accepting.get(name)?.onAccepted(`accepted ${fingerprint} of host ${host}, kept in ${file}`),
    })
    return sshHost({
      name,
      address,
      sudo,
      knownHosts: keys,
      clock,
      identityFile: identityFile ?? undefined,
      jump: jump ?? undefined,
      ...(askPassphrase === undefined ? {} : { askPassphrase }),
    })
  }
  return {
    open(record) {
      const { name, address, identityFile, jump, sudo } = record
      const key = JSON.stringify([name, address, identityFile, jump, sudo])
      const host = hosts.get(key) ?? make(record)
      hosts.set(key, host)
      return host
    },
    acceptNew: (name, acceptance) => void accepting.set(name, acceptance),
    async close() {
      for (const host of hosts.values()) await (await host).close()
      hosts.clear()
    },
  }
}
