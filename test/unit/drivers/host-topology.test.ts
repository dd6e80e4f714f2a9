import { expect, it } from 'vitest'
import { parseFacts } from '../../../src/drivers/host-facts.ts'
import { cpuList, parseNumaCells, parsePciDevices } from '../../../src/drivers/host-topology.ts'

it('reads CPUs, memory and page sizes of each node in the order of their numbers', () => {
  const lines = [
    'node10/cpulist:',
    'node0/cpulist:0-1,4',
    'node0/meminfo:Node 0 MemTotal:       2097152 kB',
    'node0/hugepages/hugepages-1048576kB',
    'node0/hugepages/hugepages-2048kB',
    'node10/meminfo:Node 10 MemTotal:       0 kB',
  ].join('\n')
  expect(parseNumaCells(lines)).toEqual([
    { id: 0, cpus: [0, 1, 4], memoryMb: 2048, pageSizesKb: [4, 2048, 1_048_576] },
    { id: 10, cpus: [], memoryMb: 0, pageSizesKb: [4] },
  ])
  expect(parseNumaCells('')).toEqual([])
})

it.each([
  ['', []],
  ['0\n', [0]],
  ['0-3,8-9', [0, 1, 2, 3, 8, 9]],
])('cpuList(%j)', (text, cpus) => {
  expect(cpuList(text)).toEqual(cpus)
})

it('puts the lines of a PCI device together', () => {
  const lines = [
    '/sys/bus/pci/devices/0000:00:05.0/vendor:0x8086',
    '/sys/bus/pci/devices/0000:00:01.0/vendor:0x1af4',
    '/sys/bus/pci/devices/0000:00:01.0/numa_node:1',
    '/sys/bus/pci/devices/0000:00:01.0/device:0x1045',
    '/sys/bus/pci/devices/0000:00:05.0/device:0x10fb',
    '/sys/bus/pci/devices/0000:00:05.0/numa_node:-1',
  ].join('\n')
  expect(parsePciDevices(lines)).toEqual([
    { address: '0000:00:01.0', vendorId: '1af4', productId: '1045', numaCell: 1 },
    { address: '0000:00:05.0', vendorId: '8086', productId: '10fb', numaCell: null },
  ])
})

it('reads the facts of a host from one answer, and takes what is missing for nothing', () => {
  const rows = [
    'hostname\tkvm1',
    'processors\t2',
    'cpu\tmodel name\t: Fast One\nflags\t\t: fpu vmx',
    'memory\tMemTotal:        4194304 kB\nMemAvailable:    1048576 kB',
    'disk\t  107374182400 53687091200',
  ]
  expect(parseFacts(rows.map((row) => `${row}\0`).join(''))).toEqual({
    hostname: 'kvm1',
    vcpus: 2,
    cpuModel: 'Fast One',
    cpuFeatures: ['fpu', 'vmx'],
    memoryMb: 4096,
    memoryFreeMb: 1024,
    diskGb: 100,
    diskFreeGb: 50,
    numaCells: [],
    pciDevices: [],
  })
  expect(parseFacts('')).toMatchObject({ vcpus: 0, memoryMb: 0, cpuFeatures: [] })
})
