import { describe, expect, it } from 'vitest'
import { cpuList, numaCells, parsePciDevices, pciDevices } from '../../../src/drivers/host-topology.ts'
import { answersTo, scriptedHost } from '../../../src/hosts/scripted.ts'

const node = '/sys/devices/system/node'

describe('numaCells', () => {
  it('reads CPUs, memory and page sizes of each node in the order of their numbers', async () => {
    const host = await scriptedHost({
      files: {
        [`${node}/node0/cpulist`]: '0-1,4\n',
        [`${node}/node0/meminfo`]: 'Node 0 MemTotal:       2097152 kB\n',
        [`${node}/node0/hugepages/hugepages-1048576kB/nr_hugepages`]: '0',
        [`${node}/node0/hugepages/hugepages-2048kB/nr_hugepages`]: '0',
        [`${node}/node10/cpulist`]: '\n',
        [`${node}/online`]: '0,10',
      },
    })
    expect(await numaCells(host)).toEqual([
      { id: 0, cpus: [0, 1, 4], memoryMb: 2048, pageSizesKb: [4, 2048, 1_048_576] },
      { id: 10, cpus: [], memoryMb: 0, pageSizesKb: [4] },
    ])
  })

  it('is empty where the kernel knows no nodes', async () => {
    expect(await numaCells(await scriptedHost())).toEqual([])
  })
})

it.each([
  ['', []],
  ['0\n', [0]],
  ['0-3,8-9', [0, 1, 2, 3, 8, 9]],
])('cpuList(%j)', (text, cpus) => {
  expect(cpuList(text)).toEqual(cpus)
})

describe('pciDevices', () => {
  const lines = [
    '/sys/bus/pci/devices/0000:00:05.0/vendor:0x8086',
    '/sys/bus/pci/devices/0000:00:01.0/vendor:0x1af4',
    '/sys/bus/pci/devices/0000:00:01.0/numa_node:1',
    '/sys/bus/pci/devices/0000:00:01.0/device:0x1045',
    '/sys/bus/pci/devices/0000:00:05.0/device:0x10fb',
    '/sys/bus/pci/devices/0000:00:05.0/numa_node:-1',
  ].join('\n')
  const devices = [
    { address: '0000:00:01.0', vendorId: '1af4', productId: '1045', numaCell: 1 },
    { address: '0000:00:05.0', vendorId: '8086', productId: '10fb', numaCell: null },
  ]

  it('puts the lines of a device together', () => {
    expect(parsePciDevices(lines)).toEqual(devices)
  })

  it('asks the host with one command', async () => {
    const files = { '/sys/bus/pci/devices/x': '' }
    const host = await scriptedHost({ files, rules: [answersTo('find', { stdout: lines })] })
    expect(await pciDevices(host)).toEqual(devices)
    expect(host.ran).toHaveLength(1)
  })
})
