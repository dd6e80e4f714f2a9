/** What extra specs of the flavor and properties of the image ask of a guest's hardware, in the driver's words. */
import { Fault } from '../core/fault.ts'
import type { Pairs } from '../core/schema.ts'
import type { DiskLimits, GuestHardware, NicLimit } from '../drivers/driver.ts'
import { specOf } from '../model/flavor.ts'
import { count, guestCells } from './guest-cells.ts'

/** One place where a value is asked for: the flavor's word counts before the image's. */
export interface Asked {
  readonly flavor: Pairs
  readonly image: Pairs
  readonly vcpus: number
  /** MiB. */
  readonly ram: number
}

/** Fault `invalid` that names the key for a value that cannot be. */
export function guestHardware(asked: Asked): GuestHardware {
  const { flavor, image } = asked
  const either = (name: string) => specOf(flavor, `hw:${name}`) ?? specOf(image, `hw_${name}`)
  const video = specOf(image, 'hw_video_model')
  return {
    firmware: firmwareOf(image, flavor),
    display: video === 'none' ? null : 'vnc',
    video:
      video === undefined || video === 'none' ? null : word('hw_video_model', video, ['virtio', 'vga', 'cirrus', 'qxl', 'bochs']),
    tpm: tpmOf(either),
    watchdog: watchdogOf(either('watchdog_action')),
    topology: topologyOf(asked, either),
    cpuShares: whole(flavor, 'quota:cpu_shares'),
    cpuPeriod: whole(flavor, 'quota:cpu_period'),
    cpuQuota: whole(flavor, 'quota:cpu_quota'),
    disk: diskLimits(flavor),
    inbound: nicLimit(flavor, 'inbound'),
    outbound: nicLimit(flavor, 'outbound'),
    cells: guestCells(asked, either),
    pageSizeKb: pageSize(either('mem_page_size')),
    pinned: either('cpu_policy') === 'dedicated',
    multiqueue: isTrue(either('vif_multiqueue_enabled')),
    hidden: isTrue(specOf(flavor, 'hide_hypervisor_id')) || isTrue(specOf(image, 'img_hide_hypervisor_id')),
  }
}

type Either = (name: string) => string | undefined

function firmwareOf(image: Pairs, flavor: Pairs): GuestHardware['firmware'] {
  const type = word('hw_firmware_type', specOf(image, 'hw_firmware_type') ?? 'bios', ['bios', 'uefi'])
  const secure = specOf(flavor, 'os:secure_boot') ?? specOf(image, 'os_secure_boot')
  if (secure === 'required' && type === 'bios') {
    throw new Fault('invalid', 'secure boot is required, and hw_firmware_type of the image is bios: it takes uefi')
  }
  return type === 'uefi' && secure === 'required' ? 'uefi-secure' : type
}

function tpmOf(either: Either): GuestHardware['tpm'] {
  const version = either('tpm_version')
  if (version === undefined) return null
  const model = word('hw:tpm_model', either('tpm_model') ?? 'tpm-tis', ['tpm-tis', 'tpm-crb'])
  return { version: word('hw:tpm_version', version, ['1.2', '2.0']), model: model === 'tpm-crb' ? 'crb' : 'tis' }
}

function watchdogOf(action: string | undefined): GuestHardware['watchdog'] {
  if (action === undefined || action === 'disabled') return null
  return word('hw:watchdog_action', action, ['reset', 'poweroff', 'pause', 'none'])
}

/** What is not said follows from what is: sockets from cores and threads. */
function topologyOf({ vcpus }: Asked, either: Either): GuestHardware['topology'] {
  const [sockets, cores, threads] = ['sockets', 'cores', 'threads'].map((part) => {
    const text = either(`cpu_${part}`)
    return text === undefined ? undefined : count(`hw:cpu_${part}`, text)
  })
  if (sockets === undefined && cores === undefined && threads === undefined) return null
  const perCore = threads ?? 1
  const perSocket = cores ?? Math.max(1, Math.floor(vcpus / perCore / (sockets ?? vcpus)))
  return { sockets: sockets ?? Math.max(1, Math.floor(vcpus / perSocket / perCore)), cores: perSocket, threads: perCore }
}

function diskLimits(flavor: Pairs): DiskLimits | null {
  const of = (name: string) => whole(flavor, `quota:disk_${name}`)
  const limits = {
    readBytes: of('read_bytes_sec'),
    writeBytes: of('write_bytes_sec'),
    totalBytes: of('total_bytes_sec'),
    readOps: of('read_iops_sec'),
    writeOps: of('write_iops_sec'),
    totalOps: of('total_iops_sec'),
  }
  return Object.values(limits).every((value) => value === null) ? null : limits
}

function nicLimit(flavor: Pairs, direction: 'inbound' | 'outbound'): NicLimit | null {
  const of = (name: string) => whole(flavor, `quota:vif_${direction}_${name}`)
  const average = of('average')
  return average === null ? null : { average, peak: of('peak'), burst: of('burst') }
}

const units = new Map([
  ['', 1],
  ['KB', 1],
  ['MB', 1024],
  ['GB', 1024 ** 2],
])

function pageSize(text: string | undefined): GuestHardware['pageSizeKb'] {
  if (text === undefined || text === 'small' || text === 'any') return null
  if (text === 'large') return 'large'
  const [, number, unit = ''] = /^(\d{1,9}) ?(KB|MB|GB)?$/.exec(text) ?? []
  const kilobytes = Number(number) * (units.get(unit) ?? 1)
  if (Number.isSafeInteger(kilobytes) && kilobytes > 0) return kilobytes === 4 ? null : kilobytes
  throw new Fault('invalid', `hw:mem_page_size is "${text.slice(0, 64)}", known are small, large, any and sizes like 2MB`)
}

function whole(pairs: Pairs, key: string): number | null {
  const text = specOf(pairs, key)
  return text === undefined ? null : count(key, text)
}

function word<const T extends string>(key: string, value: string, known: readonly T[]): T {
  const found = known.find((one) => one === value)
  if (found !== undefined) return found
  throw new Fault('unsupported', `${key} is "${value.slice(0, 64)}", known are ${known.join(', ')}`)
}

const isTrue = (text: string | undefined) => text !== undefined && /^(true|yes|1)$/i.test(text)
