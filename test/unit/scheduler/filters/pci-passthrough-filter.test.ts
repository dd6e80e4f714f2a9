import { describe, expect, it } from 'vitest'
import { pciPassthroughFilter } from '../../../../src/scheduler/filters/pci-passthrough-filter.ts'
import { aCandidate, aFleet, aPlacedServer, aRequest } from '../../../support/a-candidate.ts'
import { itDecides, withSpecs } from '../../../support/filter-cases.ts'

const device = (slot: number) => ({ address: `0000:0${slot}:00.0`, vendorId: '8086', productId: '10FB', numaCell: null })
const host = { inventory: { pciDevices: [device(1), device(2)] } }
const alias = (value: string) => withSpecs(['pci_passthrough:alias', value])
const settings = { pciAliases: [{ name: 'nic', vendorId: '8086', productId: '10fb' }] }
const holder = aPlacedServer({ extraSpecs: [['pci_passthrough:alias', 'nic:1']] })

describe(pciPassthroughFilter.name, () => {
  itDecides(pciPassthroughFilter, [
    { that: 'passes flavors without devices' },
    { that: 'finds devices by vendor and product', host, request: alias('8086:10fb:2') },
    { that: 'takes one when there is no count', host, request: alias('8086:10fb') },
    { that: 'finds devices by alias', host, settings, request: alias('nic:2') },
    { that: 'takes off what placed servers hold', host: { ...host, servers: [holder] }, settings, request: alias('nic:1') },
    {
      that: 'adds up one device under two names',
      host,
      settings,
      request: alias('nic:2, 8086:10fb:1'),
      refuses: 'needs 3 PCI devices 8086:10fb, 2 free of 2',
    },
    {
      that: 'counts what is left',
      host: { ...host, servers: [holder] },
      settings,
      request: alias('nic:2'),
      refuses: 'needs 2 PCI devices 8086:10fb, 1 free of 2',
      change: '--flavor with at most 1 devices 8086:10fb',
    },
  ])

  it.each([
    ['nci:1', 'unknown PCI alias nci; known: nic'],
    ['__proto__:1', 'unknown PCI alias __proto__; known: nic'],
    ['nic', "extra spec pci_passthrough:alias 'nic' is not name:count with a count of 1 to 1024"],
    ['nic:0', "extra spec pci_passthrough:alias 'nic:0' is not name:count with a count of 1 to 1024"],
    ['nic:1e9', "extra spec pci_passthrough:alias 'nic:1e9' is not name:count with a count of 1 to 1024"],
    ['', "extra spec pci_passthrough:alias '' is not name:count with a count of 1 to 1024"],
  ])('says what is wrong with %s', (value, message) => {
    const ask = () => pciPassthroughFilter.passes(aCandidate(host), aRequest(alias(value)), aFleet([], settings))
    expect(ask).toThrow(expect.objectContaining({ kind: 'invalid', message }))
  })
})
