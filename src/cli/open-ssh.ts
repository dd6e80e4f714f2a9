/** The user's own ssh client on a server. */
import { Fault } from '../core/fault.ts'

export interface SshTarget {
  readonly server: string
  readonly address: string
  readonly port: number
  readonly login: string
  readonly identity: string | undefined
  readonly command: readonly string[]
}

/** Arguments of ssh. The host key is looked up under the server's own name: ports are used again by other servers. */
export function sshArguments(target: SshTarget): string[] {
  const identity = target.identity === undefined ? [] : ['-i', target.identity]
  const alias = ['-o', `HostKeyAlias=nova-${target.server}`]
  return [...identity, ...alias, '-p', String(target.port), '-l', target.login, '--', target.address, ...target.command]
}

/** Runs ssh in this terminal and resolves with its exit code. */
export async function openSsh(target: SshTarget): Promise<number> {
  const { spawn } = await import('node:child_process')
  return new Promise((resolve, reject) => {
    const child = spawn('ssh', sshArguments(target), { stdio: 'inherit' })
    child.once('error', () =>
      reject(new Fault('unsupported', 'this machine has no ssh client', { hint: 'apt-get install openssh-client' })),
    )
    child.once('exit', (code, signal) => resolve(code ?? (signal ? 1 : 0)))
  })
}
