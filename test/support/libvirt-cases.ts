/** Guests, images and hosts whose domains are kept as goldens, by the golden's name. */
import type { GuestHardware, GuestImage, GuestSpec } from '../../src/drivers/driver.ts'
import type { DomainFacts } from '../../src/drivers/libvirt/domain-facts.ts'
import { plainHardware } from '../../src/drivers/plain-hardware.ts'
import { aDisk, aGuest, aGuestImage, aNic } from './a-guest.ts'

const raw = aGuestImage({ id: 'raw', digest: 'b'.repeat(64), format: 'raw' })
const iso = aGuestImage({ id: 'iso', digest: 'c'.repeat(64), format: 'iso' })
const kernel = aGuestImage({ id: 'kernel', digest: 'd'.repeat(64), format: 'kernel' })
const ramdisk = aGuestImage({ id: 'ramdisk', digest: 'e'.repeat(64), format: 'ramdisk' })
const root = aDisk({ image: aGuestImage() })
const config = aDisk({ role: 'config', bytes: 0 })
const ephemeral = aDisk({ role: 'ephemeral' })
const swap = aDisk({ role: 'swap' })
const extra = ['a', 'b'].map((digit) => aDisk({ role: 'extra', serial: digit.repeat(20) }))
const directBoot = { kernel, ramdisk, commandLine: 'console=ttyS0 quiet' }

export const tcgHost: DomainFacts = { accelerator: 'tcg', emulator: null, machineType: null, pins: [], hostCells: [] }
const kvmHost: DomainFacts = { ...tcgHost, accelerator: 'kvm' }

export interface DomainCase {
  readonly spec: GuestSpec
  readonly facts: DomainFacts
  /** In place of /srv/nova. */
  readonly instancesPath?: string
  readonly rescue?: GuestImage
}

const on = (changes: Partial<GuestSpec>, facts = tcgHost): DomainCase => ({ spec: aGuest(changes), facts })
const withHardware = (hardware: Partial<GuestHardware>, facts = tcgHost, changes: Partial<GuestSpec> = {}) =>
  on({ disks: [root], ...changes, hardware: { ...plainHardware, ...hardware } }, facts)
const onBus = (bus: 'ide' | 'scsi', disks = [root, config]) => disks.map((disk) => ({ ...disk, bus }))
const bridge = aNic({ kind: 'bridge', source: 'br-ex' })
const network = aNic({ kind: 'network', source: 'default', mac: 'fa:16:3e:00:00:02' })
const limits = { readBytes: null, writeBytes: null, totalBytes: null, readOps: null, writeOps: null, totalOps: null }
const twoCells = [
  { cpus: [0, 1], memoryMb: 2048 },
  { cpus: [2, 3], memoryMb: 2048 },
]
const large = { vcpus: 4, ram: 4096 }

export const domainCases = new Map<string, DomainCase>([
  // Flavors and images on a plain host.
  ['pc-empty-disk', on({})],
  ['q35-empty-disk', on({ machine: 'q35' })],
  ['pc-qcow2-image', on({ disks: [root] })],
  ['q35-qcow2-image', on({ machine: 'q35', disks: [root] })],
  ['raw-image', on({ disks: [aDisk({ image: raw })] })],
  ['iso-image', on({ disks: [aDisk({ image: iso })] })],
  ['many-cpus-and-memory', on({ vcpus: 8, ram: 16_384 })],
  ['kernel-and-ramdisk', on({ kernel: directBoot, disks: [root] })],
  ['kernel-alone', on({ kernel: { ...directBoot, ramdisk: null }, disks: [] })],
  ['kernel-with-hostile-line', on({ kernel: { ...directBoot, commandLine: `a="b" c='d' <e> & f]]>` } })],
  ['config-drive', on({ disks: [root, config] })],
  ['every-disk-role', on({ disks: [root, ephemeral, ephemeral, swap, config] })],
  ['q35-extra-disks', on({ machine: 'q35', disks: [root, swap, config, ...extra] })],
  ['pc-extra-disks-beside-scsi', on({ disks: [...onBus('scsi'), ...extra] })],
  ['thirty-disks', on({ disks: [root, ...Array.from({ length: 29 }, () => ephemeral)] })],
  ['pc-ide-disks', on({ disks: onBus('ide') })],
  ['q35-ide-disks', on({ machine: 'q35', disks: onBus('ide') })],
  ['pc-scsi-disks', on({ disks: onBus('scsi', [root, ephemeral, swap, config]) })],
  ['q35-scsi-disks', on({ machine: 'q35', disks: onBus('scsi') })],
  ['mixed-buses', on({ disks: [root, ...onBus('scsi', [ephemeral]), ...onBus('ide', [config])] })],
  ['rng', on({ rng: true })],
  ['rescue', { ...on({ disks: [root, config], kernel: directBoot }), rescue: raw }],
  ['rescue-scsi', { ...on({ disks: onBus('scsi') }), rescue: aGuestImage({ digest: 'f'.repeat(64) }) }],
  ['path-with-markup', { ...on({ disks: [root, config], kernel: directBoot }), instancesPath: `/srv/a<b>&'c"` }],
  ['name-that-looks-like-markup', on({ name: `</title><devices>&amp;']]>` })],
  // Nics.
  ['user-network', on({ nics: [aNic()] })],
  ['user-network-e1000', on({ nics: [aNic({ model: 'e1000' })] })],
  ['bridge', on({ nics: [bridge] })],
  ['libvirt-network', on({ nics: [network] })],
  ['every-nic-kind', on({ nics: [aNic({ mac: 'fa:16:3e:00:00:03' }), bridge, network] })],
  ['multiqueue', withHardware({ multiqueue: true }, tcgHost, { ...large, nics: [bridge] })],
  ['multiqueue-of-one-cpu', withHardware({ multiqueue: true }, tcgHost, { nics: [bridge] })],
  [
    'nic-limits',
    withHardware(
      { inbound: { average: 1024, peak: 2048, burst: 512 }, outbound: { average: 256, peak: null, burst: null } },
      tcgHost,
      { nics: [bridge] },
    ),
  ],
  [
    'nic-limits-of-user-network',
    withHardware({ inbound: { average: 1024, peak: null, burst: null } }, tcgHost, { nics: [aNic()] }),
  ],
  // Hosts.
  ['kvm', on({ disks: [root] }, kvmHost)],
  ['kvm-q35', on({ machine: 'q35', disks: [root] }, kvmHost)],
  ['kvm-cpu-model', on({ cpuModel: 'EPYC' }, kvmHost)],
  ['kvm-host-passthrough', on({ cpuModel: 'host-passthrough' }, kvmHost)],
  ['kvm-maximum', on({ cpuModel: 'maximum' }, kvmHost)],
  ['tcg-cpu-model', on({ cpuModel: 'Nehalem' })],
  ['tcg-host-model', on({ cpuModel: 'host-model' })],
  ['tcg-host-passthrough', on({ cpuModel: 'host-passthrough' })],
  ['emulator', on({}, { ...tcgHost, emulator: '/usr/libexec/qemu-kvm' })],
  ['recorded-machine-type', on({ machine: 'q35' }, { ...tcgHost, machineType: 'pc-q35-7.2' })],
  // Firmware, screen and small devices.
  ['uefi', withHardware({ firmware: 'uefi' }, kvmHost, { machine: 'q35' })],
  ['uefi-pc', withHardware({ firmware: 'uefi' })],
  ['uefi-secure', withHardware({ firmware: 'uefi-secure' }, kvmHost, { machine: 'q35' })],
  ['vnc', withHardware({ display: 'vnc' })],
  ['vnc-cirrus', withHardware({ display: 'vnc', video: 'cirrus' })],
  ['video-without-screen', withHardware({ video: 'vga' })],
  ['tpm-crb', withHardware({ tpm: { model: 'crb', version: '2.0' } }, kvmHost, { machine: 'q35' })],
  ['tpm-tis', withHardware({ tpm: { model: 'tis', version: '1.2' } })],
  ['watchdog-reset', withHardware({ watchdog: 'reset' })],
  ['watchdog-poweroff', withHardware({ watchdog: 'poweroff' })],
  ['hidden-hypervisor', withHardware({ hidden: true }, kvmHost)],
  // Limits.
  ['disk-bytes', withHardware({ disk: { ...limits, readBytes: 10_485_760, writeBytes: 5_242_880 } })],
  [
    'disk-operations',
    withHardware({ disk: { ...limits, readOps: 500, writeOps: 250 } }, tcgHost, { disks: [root, ephemeral, config] }),
  ],
  ['disk-totals', withHardware({ disk: { ...limits, totalBytes: 20_971_520, totalOps: 1000 } })],
  ['cpu-shares', withHardware({ cpuShares: 2048 })],
  ['cpu-quota', withHardware({ cpuPeriod: 100_000, cpuQuota: 50_000 }, kvmHost)],
  // Processors and memory.
  ['topology', withHardware({ topology: { sockets: 1, cores: 2, threads: 2 } }, kvmHost, large)],
  ['cells', withHardware({ cells: twoCells }, kvmHost, large)],
  ['cells-placed', withHardware({ cells: twoCells }, { ...kvmHost, hostCells: [1, 0] }, large)],
  [
    'unequal-cells',
    withHardware(
      {
        cells: [
          { cpus: [0, 2, 3], memoryMb: 3072 },
          { cpus: [1], memoryMb: 1024 },
        ],
      },
      kvmHost,
      large,
    ),
  ],
  ['huge-pages', withHardware({ pageSizeKb: 2048 }, kvmHost, large)],
  ['any-huge-pages', withHardware({ pageSizeKb: 'large' }, kvmHost, large)],
  ['huge-pages-in-cells', withHardware({ pageSizeKb: 1_048_576, cells: twoCells }, { ...kvmHost, hostCells: [0, 1] }, large)],
  ['pinned', withHardware({ pinned: true }, { ...kvmHost, pins: [4, 5, 6, 7] }, large)],
  [
    'pinned-in-cells',
    withHardware({ pinned: true, cells: twoCells }, { ...kvmHost, pins: [2, 3, 10, 11], hostCells: [0, 1] }, large),
  ],
])
