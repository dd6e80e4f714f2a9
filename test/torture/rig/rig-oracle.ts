/** What must hold of a rig: one copy of a server at most, hosts as the records say, disks whole. */
import type { Server } from '../../../src/model/server.ts'
import type { RigHost } from '../../support/rig/rig-host.ts'
import { type Held, holdingsOf } from '../../support/rig/rig-scan.ts'
import { askMonitor, diskContent } from './guest-disk.ts'
import type { RigCloud, RigState } from './rig-cloud.ts'

/** As much of a cloud on a rig as its oracles look at, wherever its records are. */
export interface Watched extends Pick<RigState, 'liveServers' | 'read' | 'recordFindings'> {
  readonly cloud: Pick<RigCloud, 'rig' | 'kind' | 'instancesOf'>
}

const heldBy = ({ cloud }: Watched): Held[] => cloud.rig.hosts.map((host) => holdingsOf(host, cloud.instancesOf(host)))

/** ONE: no guest runs twice, wherever. */
export function doubledFindings(state: Watched): string[] {
  const running = heldBy(state).flatMap((held) => held.running.map((id) => ({ id, host: held.host })))
  const ids = [...new Set(running.map(({ id }) => id))]
  return ids.flatMap((id) => {
    const hosts = running.filter((one) => one.id === id).map(({ host }) => host)
    return hosts.length > 1 ? [`ONE ${id} runs on ${hosts.join(' and ')}`] : []
  })
}

/** FLOW and RES, of the records alone. */
export const recordFindings = (state: Watched): Promise<string[]> =>
  state.recordFindings(new Set(state.cloud.rig.hosts.map(({ name }) => name)))

/** HOST: after quiet every host holds what the records say and nothing else. */
export async function hostFindings(state: Watched): Promise<string[]> {
  const servers = await state.liveServers()
  const moves = await state.read((reader) => reader.list('migrations', { where: { open: true } }))
  const sources = new Set(moves.map(({ sourceHost, serverId }) => `${sourceHost} ${serverId}`))
  return heldBy(state).flatMap((held) => {
    const here = servers.filter(({ host }) => host === held.host)
    const isKnown = (id: string) => here.some((server) => server.id === id)
    const shared = state.cloud.kind === 'shared'
    const strangers = shared ? [] : held.directories.filter((id) => !isKnown(id))
    const aside = held.others.filter((name) => !sources.has(`${held.host} ${name.replace(/_resize$/, '')}`) && !isKnown(name))
    return [
      ...strangers.map((id) => `HOST ${held.host} keeps the directory of ${id}`),
      ...aside.filter((name) => !name.startsWith('.ports/')).map((name) => `HOST ${held.host} keeps ${name}`),
      ...held.domains.filter((id) => !isKnown(id)).map((id) => `HOST ${held.host} defines domain ${id}`),
      ...held.running.filter((id) => !isKnown(id)).map((id) => `HOST ${held.host} runs ${id}, which is not its server`),
      ...here.flatMap((server) => powerFindings(server, held)),
    ]
  })
}

function powerFindings({ id, name, powerState, vmState }: Server, { host, running }: Held): string[] {
  const runs = running.includes(id)
  const should = ['running', 'paused'].includes(powerState)
  if (runs === should || (vmState === 'error' && !runs)) return []
  return [`HOST ${host} ${runs ? 'runs' : 'does not run'} ${name}, its record says ${vmState} and ${powerState}`]
}

/** By the hypervisor's own word, past everything that may lie. */
export async function isRunning({ cloud }: RigState, host: RigHost, { id }: Pick<Server, 'id'>): Promise<boolean> {
  if (!holdingsOf(host, cloud.instancesOf(host)).running.includes(id)) return false
  return /running/.test(await askMonitor(cloud, host, id, 'info status'))
}

/** Nothing of any guest is left on any host. */
export const leftFindings = (state: Watched): string[] =>
  heldBy(state).flatMap(({ host, running, directories, others, domains }) =>
    [...running.map((id) => `process ${id}`), ...directories, ...others, ...domains.map((id) => `domain ${id}`)].map(
      (what) => `HOST ${host} keeps ${what} of a deleted server`,
    ),
  )

/** The disk of a server that is off has one of those contents. */
export function diskFindings({ cloud }: RigState, host: RigHost, server: Server, allowed: readonly string[]): string[] {
  try {
    const found = diskContent(cloud, host, server)
    const isFresh = found === cloud.contents.image
    return allowed.includes(found) ? [] : [`DISK ${server.name} on ${host.name} ${isFresh ? 'is as its image' : `has ${found}`}`]
  } catch (error) {
    return [`DISK ${server.name} on ${host.name} is damaged: ${String(error)}`]
  }
}

/** SAFE: a command that fails says why in one line; the doctor ends with a code of its own when it found something. */
export function sayingFindings(
  line: string,
  { code, stderr }: { readonly code: number | null; readonly stderr: string },
): string[] {
  const errors = stderr.split('\n').filter((text) => text.startsWith('error:'))
  const expected = code === 0 || code === null || (line.startsWith('doctor') && code === 11) ? 0 : 1
  if (/^\s+at /m.test(stderr)) return [`SAFE nova ${line} shows a stack: ${stderr}`]
  return errors.length === expected ? [] : [`SAFE nova ${line} ended with ${code} and ${errors.length} errors: ${stderr}`]
}
