/** A guest as a libvirt domain: a pure function of its spec, its paths and its host's facts. */
import { Fault } from '../../core/fault.ts'
import type { GuestHardware, GuestSpec } from '../driver.ts'
import { emulatedMemoryKib } from '../emulated-memory.ts'
import { cachedImagePath } from '../guest-disk.ts'
import { plainHardware } from '../plain-hardware.ts'
import { cpuElements, vcpuElement } from './domain-cpu.ts'
import { deviceElements } from './domain-devices.ts'
import type { DomainFacts } from './domain-facts.ts'
import { domainName } from './domain-name.ts'
import { cpuTune, memoryBacking, numaTune } from './domain-tuning.ts'
import type { LibvirtPaths } from './guest-paths.ts'
import { element, when, type XmlElement } from './xml.ts'

/** Namespace of what the definition says about the server. */
const novaNamespace = 'http://openstack.org/xmlns/libvirt/nova/1.1'

/** The domain's definition. Nothing that a tenant can write reaches more than a text or an attribute of it. */
export function domainXml(spec: GuestSpec, paths: LibvirtPaths, facts: DomainFacts): XmlElement {
  const hardware = spec.hardware ?? plainHardware
  const emulated = facts.accelerator === 'tcg' && hardware.cells.length === 0 && hardware.pageSizeKb === null
  const type = facts.accelerator === 'kvm' ? 'kvm' : 'qemu'
  return element('domain', { type, 'xmlns:qemu': emulated ? qemuNamespace : null }, [
    element('name', {}, domainName(spec.id)),
    element('uuid', {}, spec.id),
    element('title', {}, spec.name),
    metadata(spec),
    element('memory', { unit: 'MiB' }, spec.ram),
    element('currentMemory', { unit: 'MiB' }, spec.ram),
    ...memoryBacking(hardware),
    vcpuElement(spec, facts),
    ...cpuTune(hardware, facts),
    ...numaTune(hardware, facts),
    element('sysinfo', { type: 'smbios' }, [smbios(spec.id)]),
    os(spec, hardware, paths, facts),
    features(spec, hardware),
    ...cpuElements(spec, hardware, facts),
    clock,
    element('on_poweroff', {}, 'destroy'),
    element('on_reboot', {}, 'restart'),
    element('on_crash', {}, 'destroy'),
    element('devices', {}, deviceElements(spec, hardware, paths, facts)),
    ...when(emulated, emulatedMemory(spec)),
  ])
}

const qemuNamespace = 'http://libvirt.org/schemas/domain/qemu/1.0'

/** libvirt rounds memory to whole MiB: what must not be round is told to QEMU past it. */
function emulatedMemory({ ram }: GuestSpec): XmlElement {
  const size = `${emulatedMemoryKib(ram)}K`
  const words = ['-object', `memory-backend-ram,id=nova.ram,size=${size}`, '-machine', 'memory-backend=nova.ram', '-m', size]
  return element(
    'qemu:commandline',
    {},
    words.map((value) => element('qemu:arg', { value })),
  )
}

const metadata = ({ id, name, vcpus, ram }: GuestSpec) =>
  element('metadata', {}, [
    element('nova:instance', { 'xmlns:nova': novaNamespace }, [
      element('nova:package', { version: 'novakit' }),
      element('nova:name', {}, name),
      element('nova:id', {}, id),
      element('nova:flavor', {}, [element('nova:memory', {}, ram), element('nova:vcpus', {}, vcpus)]),
    ]),
  ])

const smbios = (id: string) =>
  element(
    'system',
    {},
    (
      [
        ['manufacturer', 'OpenStack Foundation'],
        ['product', 'OpenStack Nova'],
        ['version', 'novakit'],
        ['serial', id],
        ['uuid', id],
        ['family', 'Virtual Machine'],
      ] as const
    ).map(([name, value]) => element('entry', { name }, value)),
  )

function os(spec: GuestSpec, { firmware }: GuestHardware, paths: LibvirtPaths, facts: DomainFacts): XmlElement {
  if (firmware === 'uefi-secure' && spec.machine !== 'q35') {
    throw new Fault('unsupported', `guest ${spec.id} wants secure boot, which takes machine q35, not ${spec.machine}`)
  }
  const isSecure = firmware === 'uefi-secure'
  const features = [
    element('feature', { enabled: isSecure, name: 'enrolled-keys' }),
    element('feature', { enabled: isSecure, name: 'secure-boot' }),
  ]
  return element('os', { firmware: firmware === 'bios' ? null : 'efi' }, [
    element('type', { arch: 'x86_64', machine: facts.machineType ?? spec.machine }, 'hvm'),
    ...when(firmware !== 'bios', element('firmware', {}, features)),
    ...(spec.kernel === null ? [] : kernelElements(spec.kernel, paths)),
    element('smbios', { mode: 'sysinfo' }),
    element('bios', { useserial: false, rebootTimeout: -1 }),
  ])
}

const kernelElements = (boot: NonNullable<GuestSpec['kernel']>, paths: LibvirtPaths) => [
  element('kernel', {}, cachedImagePath(paths, boot.kernel)),
  ...(boot.ramdisk === null ? [] : [element('initrd', {}, cachedImagePath(paths, boot.ramdisk))]),
  element('cmdline', {}, boot.commandLine),
]

const features = ({ machine }: GuestSpec, { firmware, hidden }: GuestHardware) =>
  element('features', {}, [
    element('acpi'),
    element('apic'),
    ...when(hidden, element('kvm', {}, [element('hidden', { state: 'on' })])),
    element('vmport', { state: 'off' }),
    ...when(firmware === 'uefi-secure' && machine === 'q35', element('smm', { state: 'on' })),
  ])

/** As Nova: guests that keep UTC, and timers that lose no ticks. */
const clock = element('clock', { offset: 'utc' }, [
  element('timer', { name: 'pit', tickpolicy: 'delay' }),
  element('timer', { name: 'rtc', tickpolicy: 'catchup' }),
  element('timer', { name: 'hpet', present: false }),
])
