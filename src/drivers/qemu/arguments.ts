/** The qemu command of a guest: a pure function of its spec, its paths and what the host can do. */
import { Fault } from '../../core/fault.ts'
import type { GuestSpec } from '../driver.ts'
import { emulatedMemoryKib } from '../emulated-memory.ts'
import { cachedImagePath } from '../guest-disk.ts'
import type { DeviceLayout } from '../guest-record.ts'
import { optionString } from '../option-string.ts'
import { type Acceleration, sandboxOptions } from '../qemu-program.ts'
import { diskArguments } from './disk-arguments.ts'
import { type GuestPaths, nameBelow } from './guest-paths.ts'
import { lateArguments, nicArguments } from './late-devices.ts'

/** What the guest runs on. `machineType` is the versioned name, where the guest must not see another machine. */
export interface Machine extends Acceleration {
  readonly machineType?: string | undefined
  /** Of a guest that goes on where another process had it. */
  readonly layout?: DeviceLayout | undefined
}

/** Arguments after the program's name. The working directory is the guest's own: sockets are named relative to it. */
export function qemuArguments(spec: GuestSpec, paths: GuestPaths, acceleration: Machine): string[] {
  return [
    ...['-name', optionString(null, { guest: spec.name, process: `nova-${spec.id.slice(0, 8)}`, 'debug-threads': true })],
    ...['-uuid', spec.id],
    ...['-nodefaults', '-no-user-config', '-display', 'none'],
    ...machineArguments(spec, acceleration),
    ...firmwareArguments(spec),
    ...(spec.kernel === null ? [] : kernelArguments(spec.kernel, paths)),
    ...socketArguments(paths),
    ...diskArguments(spec, paths),
    ...spec.nics.slice(0, 1).flatMap((nic) => nicArguments(nic, 0)),
    ...(spec.rng ? rngArguments : []),
    ...['-device', optionString('virtio-balloon-pci', { id: 'balloon0', 'deflate-on-oom': true, 'free-page-reporting': true })],
    ...lateArguments(spec, paths, acceleration.layout),
    ...(acceleration.sandbox ? ['-sandbox', sandboxOptions] : []),
    ...['-pidfile', paths.lock],
  ]
}

function machineArguments(spec: GuestSpec, { accelerator, machineType }: Machine): string[] {
  const cpu = cpuModel(spec, accelerator)
  return [
    ...['-machine', optionString(machineType ?? spec.machine, { 'dump-guest-core': false, vmport: false })],
    ...['-accel', accelerator],
    ...(cpu === null ? [] : ['-cpu', cpu]),
    ...['-smp', optionString(null, { cpus: spec.vcpus, sockets: spec.vcpus, cores: 1, threads: 1 })],
    ...['-m', optionString(null, { size: accelerator === 'tcg' ? `${emulatedMemoryKib(spec.ram)}K` : `${spec.ram}M` })],
  ]
}

function cpuModel(spec: GuestSpec, accelerator: Acceleration['accelerator']): string | null {
  if (spec.cpuModel === null) return accelerator === 'kvm' ? 'host' : null
  const mode = { 'host-model': 'host', 'host-passthrough': 'host', maximum: 'max' }
  const own = new Map(Object.entries(mode)).get(spec.cpuModel)
  if (own !== undefined) return own === 'host' && accelerator !== 'kvm' ? 'max' : own
  // The word stands where options may follow it, so only features may.
  if (/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}(,[+-][A-Za-z0-9][A-Za-z0-9._-]{0,63})*$/.test(spec.cpuModel)) return spec.cpuModel
  throw new Fault('invalid', `CPU model ${JSON.stringify(spec.cpuModel.slice(0, 64))} is not a name`)
}

function firmwareArguments(spec: GuestSpec): string[] {
  const system = { manufacturer: 'OpenStack Foundation', product: 'OpenStack Nova', version: 'novakit' }
  return [
    ...['-smbios', optionString('type=1', { ...system, serial: spec.id, uuid: spec.id, family: 'Virtual Machine' })],
    ...['-rtc', optionString(null, { base: 'utc', driftfix: 'slew' })],
    ...['-boot', 'strict=on'],
  ]
}

function kernelArguments(boot: NonNullable<GuestSpec['kernel']>, paths: GuestPaths): string[] {
  return [
    ...['-kernel', cachedImagePath(paths, boot.kernel)],
    ...(boot.ramdisk === null ? [] : ['-initrd', cachedImagePath(paths, boot.ramdisk)]),
    ...['-append', boot.commandLine],
  ]
}

/** The monitor, the serial console with its log, and the guest agent's channel. */
function socketArguments(paths: GuestPaths): string[] {
  const socket = (id: string, path: string) => ({ id, path: nameBelow(paths, path), server: true, wait: false })
  const log = { logfile: paths.log, logappend: true }
  return [
    ...['-chardev', optionString('socket', socket('monitor', paths.monitor))],
    ...['-mon', optionString(null, { chardev: 'monitor', mode: 'control' })],
    ...['-chardev', optionString('socket', { ...socket('serial0', paths.serial), ...log })],
    ...['-device', optionString('isa-serial', { chardev: 'serial0', id: 'serial-port0' })],
    ...['-device', optionString('virtio-serial-pci', { id: 'virtio-serial0' })],
    ...['-chardev', optionString('socket', socket('agent0', paths.agent))],
    ...['-device', optionString('virtserialport', { chardev: 'agent0', name: 'org.qemu.guest_agent.0' })],
  ]
}

const rngArguments = [
  ...['-object', optionString('rng-random', { id: 'rng0', filename: '/dev/urandom' })],
  ...['-device', optionString('virtio-rng-pci', { rng: 'rng0', 'max-bytes': 1024, period: 1000 })],
]
