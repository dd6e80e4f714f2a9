/** What `--nic` asks for. */
import { Fault } from '../../core/fault.ts'
import type { Nic } from '../../model/server.ts'

const kinds = new Map([
  ['bridge', 'bridge'],
  ['libvirt-network', 'network'],
] as const)

/** How the server is connected, null for not at all. Fault `invalid` for anything but user, none, bridge=NAME and libvirt-network=NAME. */
export function askedNic(text: string): Pick<Nic, 'kind' | 'source'> | null {
  if (text === 'none') return null
  if (text === 'user') return { kind: 'user' }
  const [, word = '', source] = /^([a-z-]+)=([A-Za-z0-9][A-Za-z0-9_.-]{0,62})$/.exec(text) ?? []
  const kind = word === 'bridge' || word === 'libvirt-network' ? kinds.get(word) : undefined
  if (kind === undefined || source === undefined) {
    throw new Fault('invalid', `nic is "${text}", known are user, none, bridge=NAME and libvirt-network=NAME`)
  }
  // Names of network devices are short on Linux.
  if (kind === 'bridge' && source.length > 15) {
    throw new Fault('invalid', `bridge ${source} has a name of ${source.length} characters, the most is 15`)
  }
  return { kind, source }
}
