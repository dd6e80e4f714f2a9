/** What `--nic` asks for. */
import { Fault } from '../../core/fault.ts'
import type { Nic } from '../../model/server.ts'
import type { Context } from '../context.ts'

const kinds = new Map([
  ['bridge', 'bridge'],
  ['libvirt-network', 'network'],
] as const)

/** What user-mode networking leases to its only guest, always. */
const userModeAddress = '10.0.2.15'

/** A nic with an address of its own, or null for none. */
export function newNic(text: string, { random }: Pick<Context, 'random'>): Nic | null {
  const nic = askedNic(text)
  if (nic === null) return null
  const [a = 0, b = 0, c = 0] = random.bytes(3)
  const mac = ['fa', '16', '3e', ...[a, b, c].map((byte) => byte.toString(16).padStart(2, '0'))].join(':')
  return { ...nic, mac, address: nic.kind === 'user' ? userModeAddress : null, sshPort: null }
}

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
