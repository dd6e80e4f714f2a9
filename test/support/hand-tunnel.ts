/** The way of a live move as a person opens it with OpenSSH: through this machine, socket by socket, as the product's own tunnels go. */
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eventually } from './eventually.ts'
import type { Rig } from './rig/rig.ts'
import { rigKnownHosts } from './rig/rig-ssh.ts'

/** The same path on both hosts, as libvirt wants it. */
const directory = '/run/libvirt/by-hand'
const daemon = '/run/libvirt/libvirt-sock'
const names = ['control', 'memory', 'disks'] as const
const at = { control: `${directory}/control`, memory: `${directory}/memory`, disks: `${directory}/disks` }

export interface HandTunnel {
  /** On the source: leads to libvirt on the destination. */
  readonly control: string
  /** On both hosts. */
  readonly memory: string
  readonly disks: string
  close(): void
}

/** Opens it from one host of the rig to another; resolves when the sockets are there. */
export async function handTunnel(rig: Rig, from: number, to: number): Promise<HandTunnel> {
  const [source, target] = [rig.host(from), rig.host(to)]
  const own = mkdtempSync(join(tmpdir(), 'nk-'))
  for (const host of [source, target]) await host.entering('sh', '-c', `mkdir -p ${directory} && rm -f ${directory}/*`)
  const far = (name: (typeof names)[number]) => (name === 'control' ? daemon : at[name])
  const options = ['-F', 'none', '-i', rig.identityFile, '-o', `UserKnownHostsFile=${rigKnownHosts(rig)}`, '-N']
  const ssh = (address: string, ...forwards: string[]) =>
    spawn('ssh', [...options, '-o', 'ExitOnForwardFailure=yes', ...forwards, `root@${address}`], { stdio: 'ignore' })
  const processes = [
    ssh(target.address, ...names.flatMap((name) => ['-L', `${join(own, name)}:${far(name)}`])),
    ssh(source.address, ...names.flatMap((name) => ['-R', `${at[name]}:${join(own, name)}`])),
  ]
  const looks = [() => source.entering('test', '-S', at.disks), () => stat(join(own, 'disks'))]
  for (const look of looks)
    await eventually('the sockets', async () =>
      look().then(
        () => true,
        () => false,
      ),
    )
  return {
    ...at,
    close() {
      for (const process of processes) process.kill()
      rmSync(own, { recursive: true, force: true })
    },
  }
}
