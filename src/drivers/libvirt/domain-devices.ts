/** Everything that is plugged into a domain. */
import { Fault } from '../../core/fault.ts'
import type { GuestHardware, GuestNic, GuestSpec, NicLimit } from '../driver.ts'
import { diskElements } from './domain-disks.ts'
import type { DomainFacts } from './domain-facts.ts'
import { portElements } from './domain-ports.ts'
import type { LibvirtPaths } from './guest-paths.ts'
import { element, when, type XmlElement } from './xml.ts'

/** The devices in a fixed order. Every listener is on the loopback or a socket in the guest's own directory. */
export function deviceElements(
  spec: GuestSpec,
  hardware: GuestHardware,
  paths: LibvirtPaths,
  { emulator }: DomainFacts,
): XmlElement[] {
  const devices = [
    ...diskElements(spec, hardware, paths),
    element('controller', { type: 'usb', model: 'none' }),
    ...spec.nics.map((nic) => nicElement(nic, spec, hardware)),
    serial(paths),
    agentChannel,
    ...screen(hardware),
    ...(hardware.tpm === null ? [] : [tpm(hardware.tpm)]),
    ...when(spec.rng, rng),
    ...(hardware.watchdog === null ? [] : [element('watchdog', { model: 'i6300esb', action: hardware.watchdog })]),
    element('memballoon', { model: 'virtio', autodeflate: 'on', freePageReporting: 'on' }, [element('stats', { period: 10 })]),
  ]
  return [...(emulator === null ? [] : [element('emulator', {}, emulator)]), ...portElements(spec, devices), ...devices]
}

/** A nic; the same while the domain runs and in its definition. */
export function nicElement(nic: GuestNic, { vcpus }: GuestSpec, { inbound, outbound, multiqueue }: GuestHardware): XmlElement {
  const isUser = nic.kind === 'user'
  const limits = [...limit('inbound', inbound), ...limit('outbound', outbound)]
  const queues = multiqueue && nic.model === 'virtio' && !isUser && vcpus > 1
  return element('interface', { type: nic.kind }, [
    element('mac', { address: nic.mac }),
    ...when(!isUser, element('source', { [nic.kind === 'bridge' ? 'bridge' : 'network']: sourceOf(nic) })),
    element('model', { type: nic.model }),
    ...when(queues, element('driver', { name: 'qemu', queues: vcpus })),
    // User-mode networks have no queue of the kernel to limit.
    ...when(!isUser && limits.length > 0, element('bandwidth', {}, limits)),
    // Without a boot ROM: loading iPXE costs seconds and nothing here boots from the network.
    element('rom', { enabled: false }),
  ])
}

function sourceOf({ kind, source }: GuestNic): string | null {
  if (kind === 'user') return null
  if (source !== undefined && /^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$/.test(source)) return source
  throw new Fault('invalid', `${JSON.stringify(source ?? '')} is no name of a ${kind}`)
}

const limit = (direction: 'inbound' | 'outbound', rate: NicLimit | null): XmlElement[] =>
  rate === null ? [] : [element(direction, { average: rate.average, peak: rate.peak, burst: rate.burst })]

/** The serial console: a socket for people, a log for the rest. */
const serial = (paths: LibvirtPaths) =>
  element('serial', { type: 'unix' }, [
    element('source', { mode: 'bind', path: paths.serial }),
    element('log', { file: paths.log, append: 'on' }),
    element('target', { type: 'isa-serial', port: 0 }),
  ])

const agentChannel = element('channel', { type: 'unix' }, [
  element('source', { mode: 'bind' }),
  element('target', { type: 'virtio', name: 'org.qemu.guest_agent.0' }),
])

function screen({ display, video }: GuestHardware): XmlElement[] {
  if (display === null) return [element('video', {}, [element('model', { type: video ?? 'none' })])]
  return [
    element('graphics', { type: 'vnc', port: -1, autoport: true, listen: '127.0.0.1' }, [
      element('listen', { type: 'address', address: '127.0.0.1' }),
    ]),
    element('video', {}, [element('model', { type: video ?? 'virtio' })]),
  ]
}

const tpm = ({ model, version }: NonNullable<GuestHardware['tpm']>) =>
  element('tpm', { model: `tpm-${model}` }, [element('backend', { type: 'emulator', version })])

const rng = element('rng', { model: 'virtio' }, [
  element('rate', { bytes: 1024, period: 1000 }),
  element('backend', { model: 'random' }, '/dev/urandom'),
])
