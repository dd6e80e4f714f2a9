/** Guests whose qemu commands are kept as goldens, by the golden's name. */
import type { GuestSpec } from '../../src/drivers/driver.ts'
import type { DeviceLayout } from '../../src/drivers/guest-record.ts'
import type { Machine } from '../../src/drivers/qemu/arguments.ts'
import type { Acceleration } from '../../src/drivers/qemu-program.ts'
import { aDisk, aGuest, aGuestImage, aNic } from '../support/a-guest.ts'

const raw = aGuestImage({ id: 'raw', digest: 'b'.repeat(64), format: 'raw' })
const iso = aGuestImage({ id: 'iso', digest: 'c'.repeat(64), format: 'iso' })
const kernel = aGuestImage({ id: 'kernel', digest: 'd'.repeat(64), format: 'kernel' })
const ramdisk = aGuestImage({ id: 'ramdisk', digest: 'e'.repeat(64), format: 'ramdisk' })
const root = aDisk({ image: aGuestImage() })
const config = aDisk({ role: 'config', bytes: 0 })
const directBoot = { kernel, ramdisk, commandLine: 'console=ttyS0 quiet' }

const extra = ['a', 'b'].map((digit) => aDisk({ role: 'extra', serial: digit.repeat(20) }))
const late = aNic({ mac: 'fa:16:3e:00:00:02' })
/** Two of the late devices came in the other order, into ports that had become free. */
const layout: DeviceLayout = {
  ports: 5,
  places: [
    { key: 'a'.repeat(20), bus: 'spare3', address: '0.0' },
    { key: late.mac, bus: 'spare1', address: '0.0' },
  ],
}

export const tcg: Acceleration = { accelerator: 'tcg', sandbox: true }
const kvm: Acceleration = { accelerator: 'kvm', sandbox: true }

export interface GoldenCase {
  readonly spec: GuestSpec
  readonly acceleration: Machine
  /** In place of /srv/nova. */
  readonly instancesPath?: string
  readonly rescue?: typeof raw
}

const on = (changes: Partial<GuestSpec>, acceleration: Machine = tcg): GoldenCase => ({ spec: aGuest(changes), acceleration })

export const qemuCases = new Map<string, GoldenCase>([
  ['pc-empty-disk', on({})],
  ['q35-empty-disk', on({ machine: 'q35' })],
  ['pc-qcow2-image', on({ disks: [root] })],
  ['q35-qcow2-image', on({ machine: 'q35', disks: [root] })],
  ['raw-image', on({ disks: [aDisk({ image: raw })] })],
  ['iso-image', on({ disks: [aDisk({ image: iso })] })],
  ['kvm', on({ disks: [root] }, kvm)],
  ['kvm-cpu-model', on({ disks: [root], cpuModel: 'EPYC' }, kvm)],
  ['tcg-cpu-model', on({ cpuModel: 'max' })],
  ['without-sandbox', on({}, { accelerator: 'tcg', sandbox: false })],
  ['many-cpus-and-memory', on({ vcpus: 8, ram: 16_384 })],
  ['kernel-and-ramdisk', on({ kernel: directBoot, disks: [root] })],
  ['kernel-alone', on({ kernel: { ...directBoot, ramdisk: null }, disks: [] })],
  ['kernel-with-commas', on({ kernel: { ...directBoot, commandLine: 'console=ttyS0,115200 a=b,c' } })],
  ['config-drive', on({ disks: [root, config] })],
  [
    'every-disk-role',
    on({ disks: [root, aDisk({ role: 'ephemeral' }), aDisk({ role: 'ephemeral' }), aDisk({ role: 'swap' }), config] }),
  ],
  [
    'pc-ide-disks',
    on({ disks: [root, aDisk({ role: 'ephemeral' }), aDisk({ role: 'swap' })].map((d) => ({ ...d, bus: 'ide' })) }),
  ],
  ['q35-ide-disks', on({ machine: 'q35', disks: [root, config].map((disk) => ({ ...disk, bus: 'ide' })) })],
  ['scsi-disks', on({ disks: [root, config].map((disk) => ({ ...disk, bus: 'scsi' })) })],
  ['user-network', on({ nics: [aNic()] })],
  ['user-network-with-ssh', on({ nics: [aNic({ sshPort: 22_022 })] })],
  ['two-nics-e1000', on({ nics: [aNic({ model: 'e1000' }), aNic({ mac: 'fa:16:3e:00:00:02', sshPort: 22_023 })] })],
  ['pc-extra-disks', on({ disks: [root, ...extra, config], nics: [aNic(), late] })],
  ['q35-extra-disks', on({ machine: 'q35', disks: [root, ...extra, config], nics: [aNic(), late] })],
  ['q35-extra-disks-that-go-on', on({ machine: 'q35', disks: [root, ...extra], nics: [aNic(), late] }, { ...tcg, layout })],
  ['rng', on({ rng: true })],
  ['rescue', { ...on({ disks: [root, config], kernel: directBoot }), rescue: raw }],
  ['path-with-commas', { ...on({ disks: [root, config], kernel: directBoot }), instancesPath: '/srv/a,b=c/nova' }],
  ['name-that-looks-like-an-option', on({ name: 'a,process=evil' })],
])
