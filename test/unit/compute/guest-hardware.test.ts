import { describe, expect, it } from 'vitest'
import { guestHardware } from '../../../src/compute/guest-hardware.ts'
import { plainHardware } from '../../../src/drivers/plain-hardware.ts'

type Pairs = [string, string][]
const hardware = (flavor: Pairs, image: Pairs = [], vcpus = 4, ram = 4096) => guestHardware({ flavor, image, vcpus, ram })

describe('guestHardware', () => {
  it('asks for nothing but a screen when nobody does', () => {
    expect(hardware([])).toEqual({ ...plainHardware, display: 'vnc' })
  })

  const cases: [string, Pairs, Pairs, object][] = [
    [
      'limits of disks',
      [
        ['quota:disk_read_bytes_sec', '1000'],
        ['quota:disk_total_iops_sec', '5'],
      ],
      [],
      { disk: { readBytes: 1000, writeBytes: null, totalBytes: null, readOps: null, writeOps: null, totalOps: 5 } },
    ],
    [
      'limits of nics',
      [
        ['quota:vif_inbound_average', '10'],
        ['quota:vif_outbound_average', '20'],
        ['quota:vif_outbound_peak', '30'],
      ],
      [],
      { inbound: { average: 10, peak: null, burst: null }, outbound: { average: 20, peak: 30, burst: null } },
    ],
    [
      'limits of CPUs',
      [
        ['quota:cpu_shares', '512'],
        ['quota:cpu_period', '1000'],
        ['quota:cpu_quota', '500'],
      ],
      [],
      { cpuShares: 512, cpuPeriod: 1000, cpuQuota: 500 },
    ],
    [
      'equal cells',
      [['hw:numa_nodes', '2']],
      [],
      {
        cells: [
          { cpus: [0, 1], memoryMb: 2048 },
          { cpus: [2, 3], memoryMb: 2048 },
        ],
      },
    ],
    [
      'cells as said',
      [
        ['hw:numa_nodes', '2'],
        ['hw:numa_cpus.0', '0,2-3'],
        ['hw:numa_cpus.1', '1'],
        ['hw:numa_mem.0', '3072'],
        ['hw:numa_mem.1', '1024'],
      ],
      [],
      {
        cells: [
          { cpus: [0, 2, 3], memoryMb: 3072 },
          { cpus: [1], memoryMb: 1024 },
        ],
      },
    ],
    ['pinned CPUs', [['hw:cpu_policy', 'dedicated']], [], { pinned: true }],
    ['huge pages', [['hw:mem_page_size', '1GB']], [], { pageSizeKb: 1_048_576 }],
    ['any huge pages', [['hw:mem_page_size', 'large']], [], { pageSizeKb: 'large' }],
    [
      'a topology',
      [
        ['hw:cpu_cores', '2'],
        ['hw:cpu_threads', '2'],
      ],
      [],
      { topology: { sockets: 1, cores: 2, threads: 2 } },
    ],
    ['sockets alone', [['hw:cpu_sockets', '2']], [], { topology: { sockets: 2, cores: 2, threads: 1 } }],
    [
      'a TPM',
      [
        ['hw:tpm_version', '2.0'],
        ['hw:tpm_model', 'tpm-crb'],
      ],
      [],
      { tpm: { version: '2.0', model: 'crb' } },
    ],
    ['a watchdog of the image', [], [['hw_watchdog_action', 'poweroff']], { watchdog: 'poweroff' }],
    [
      'a watchdog of the flavor first',
      [['hw:watchdog_action', 'reset']],
      [['hw_watchdog_action', 'poweroff']],
      { watchdog: 'reset' },
    ],
    ['no watchdog', [['hw:watchdog_action', 'disabled']], [], { watchdog: null }],
    ['UEFI', [], [['hw_firmware_type', 'uefi']], { firmware: 'uefi' }],
    ['secure boot', [['os:secure_boot', 'required']], [['hw_firmware_type', 'uefi']], { firmware: 'uefi-secure' }],
    ['no screen', [], [['hw_video_model', 'none']], { display: null, video: null }],
    ['a screen', [], [['hw_video_model', 'qxl']], { display: 'vnc', video: 'qxl' }],
    ['queues', [], [['hw_vif_multiqueue_enabled', 'true']], { multiqueue: true }],
  ]
  it.each(cases)('knows %s', (_, flavor, image, expected) => {
    expect(hardware(flavor, image)).toEqual({ ...plainHardware, display: 'vnc', ...expected })
  })

  const refused: [Pairs, Pairs, RegExp][] = [
    [[['quota:cpu_shares', '-1']], [], /quota:cpu_shares is "-1", it takes a whole number above 0/],
    [[['quota:disk_read_bytes_sec', '1e9']], [], /whole number/],
    [[['hw:numa_nodes', '9']], [], /hw:numa_nodes is 9, the flavor has 4 CPUs/],
    [[['hw:numa_nodes', '3']], [], /cannot be cut into 3 equal/],
    [
      [
        ['hw:numa_nodes', '1'],
        ['hw:numa_cpus.0', '0-9999999'],
      ],
      [],
      /takes a set like/,
    ],
    [[['hw:mem_page_size', '<page/>']], [], /hw:mem_page_size is/],
    [[['hw:watchdog_action', 'explode']], [], /known are reset/],
    [[['hw:tpm_version', '3']], [], /known are 1.2/],
    [[], [['hw_video_model', '<x>']], /hw_video_model/],
    [[['os:secure_boot', 'required']], [], /it takes uefi/],
  ]
  it.each(refused)('refuses %j %j', (flavor, image, words) => {
    expect(() => hardware(flavor, image)).toThrow(words)
  })
})
