/** What virsh refuses, in the words of our faults. */
import { Fault, type FaultKind } from '../../core/fault.ts'

interface Rule {
  readonly pattern: RegExp
  readonly kind: FaultKind
  readonly hint?: string
}

const rules: readonly Rule[] = [
  {
    pattern: /authentication|access denied|socket to '.*': Permission denied/i,
    kind: 'forbidden',
    hint: 'log in as root or as a user of the group libvirt',
  },
  {
    pattern: /failed to connect to the hypervisor/,
    kind: 'unreachable',
    hint: 'start libvirtd on the host; where there is none: apt-get install libvirt-daemon-system',
  },
  { pattern: /failed to get domain|Domain not found/, kind: 'not-found' },
  { pattern: /cannot acquire state change lock|timed out/i, kind: 'timeout' },
  {
    pattern: /Permission denied/,
    kind: 'forbidden',
    hint: 'the user that libvirt runs guests as must be able to enter every directory above the instances path',
  },
  { pattern: /unsupported|not supported|Unable to find any firmware|qdisc kind is unknown/i, kind: 'unsupported' },
]

/** `refusals` are the lines of virsh after `error:`. */
export function virshFault(host: string, refusals: readonly string[]): Fault {
  const words = refusals.join('; ')
  const rule = rules.find(({ pattern }) => pattern.test(words))
  return new Fault(rule?.kind ?? 'internal', `host ${host}: libvirt says: ${words.slice(0, 500)}`, {
    ...(rule?.hint === undefined ? {} : { hint: rule.hint }),
    details: { host, refusals: refusals.slice(0, 20) },
  })
}
