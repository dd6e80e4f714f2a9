/**
 * Sockets and notes of a live move, on a file system that no two hosts share. The sockets' names are those that AppArmor lets
 * qemu open for incoming migrations.
 */
import type { DriverContext } from '../driver-context.ts'
import { domainName } from './domain-name.ts'
import { childrenOf, find, parseXml } from './parse-xml.ts'

export interface LiveFiles {
  readonly directory: string
  /** Leads from the source to the destination's libvirt. */
  readonly control: string
  /** On both hosts: the memory travels from the one to the other. */
  readonly memory: string
  /** The same for disks. */
  readonly disks: string
  /** The guest as the destination runs it, and as it starts it again. */
  readonly running: string
  readonly persistent: string
  /** What virsh complained of, and its exit code once it has ended. */
  readonly complaints: string
  readonly ended: string
  /** Held as long as virsh runs. */
  readonly lock: string
}

const directory = '/run/libvirt/nova-live'

/** Names of the guest's files; its id was checked before. */
export function liveFiles(id: string): LiveFiles {
  const socket = (letter: string) => `${directory}/${letter}.tunnelmigrate.dest.${domainName(id)}`
  const own = `${directory}/${id}`
  return {
    directory,
    control: socket('c'),
    memory: socket('m'),
    disks: socket('d'),
    running: `${own}.xml`,
    persistent: `${own}.persistent.xml`,
    complaints: `${own}.err`,
    ended: `${own}.ended`,
    lock: `${own}.lock`,
  }
}

/** Parameters: owner of the directory, the directory, files to remove. */
const prepareScript = `owner=$1 directory=$2; shift 2; mkdir -p -- "$directory"; chown -- "$owner" "$directory"; chmod 0711 -- "$directory"; rm -f -- "$@"`

/** Makes the directory, in which guests of a libvirt with these capabilities may listen, and clears what an earlier move left. */
export async function prepareFiles({ host }: Pick<DriverContext, 'host'>, id: string, capabilities: string): Promise<void> {
  const { directory: own, ...files } = liveFiles(id)
  // A plan knows of directories that it makes itself alone.
  if (host.planning) await host.mkdir(own)
  await host.run(['sh', '-ec', prepareScript, 'sh', guestUser(capabilities), own, ...Object.values(files)])
}

export async function removeFiles({ host }: Pick<DriverContext, 'host'>, id: string): Promise<void> {
  const { directory: _, ...files } = liveFiles(id)
  await host.run(['rm', '-f', '--', ...Object.values(files)])
}

/** Who runs guests, as `uid:gid`, by libvirt's own word. */
export function guestUser(capabilities: string): string {
  const models = childrenOf(find(parseXml(capabilities), 'host'), 'secmodel')
  const dac = models.find((model) => find(model, 'model')?.text === 'dac')
  const label = find(dac, 'baselabel')?.text ?? ''
  const [, user, group] = /^\+(\d{1,10}):\+(\d{1,10})$/.exec(label) ?? []
  return `${user ?? 0}:${group ?? 0}`
}
