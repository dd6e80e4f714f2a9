/** Every element of a domain on a line of its own, so that a difference names the guilty device. */
import { describe, expect, it } from 'vitest'
import { bootSpec } from '../../../../src/drivers/guest-record.ts'
import { domainXml } from '../../../../src/drivers/libvirt/domain.ts'
import { libvirtPaths } from '../../../../src/drivers/libvirt/guest-paths.ts'
import { childrenOf, find, parseXml } from '../../../../src/drivers/libvirt/parse-xml.ts'
import { type XmlElement, xmlText } from '../../../../src/drivers/libvirt/xml.ts'
import { plainHardware } from '../../../../src/drivers/plain-hardware.ts'
import { aDisk, aGuest, aNic } from '../../../support/a-guest.ts'
import { expectGolden } from '../../../support/golden.ts'
import { type DomainCase, domainCases, tcgHost } from '../../../support/libvirt-cases.ts'

const domainOf = ({ spec, facts, instancesPath = '/srv/nova', rescue }: DomainCase) =>
  domainXml(bootSpec({ spec, rescue: rescue ?? null }), libvirtPaths({ instancesPath }, spec.id), facts)

/** Names of all elements below `devices`, in order. */
const deviceNames = (domain: XmlElement): string[] => find(domain, 'devices')?.children.map(({ name }) => name) ?? []
const all = [...domainCases.values()].map(domainOf)
const disksOf = (domain: XmlElement) => childrenOf(find(domain, 'devices'), 'disk')

describe('the domain', () => {
  for (const [name, example] of domainCases) {
    it(`of ${name}`, () => expectGolden(`libvirt/${name}.xml`, xmlText(domainOf(example))))
  }

  it('is kept of at least 60 guests', () => expect(domainCases.size).toBeGreaterThanOrEqual(60))

  it('is read back as it was built', () => {
    for (const domain of all) expect(parseXml(xmlText(domain))).toEqual(domain)
  })

  it('S2 names a format for every layer of every disk, down to its end', () => {
    for (const disk of all.flatMap(disksOf)) {
      expect(find(disk, 'driver')?.attributes.get('type')).toMatch(/^(raw|qcow2)$/)
      const image = find(disk, 'backingStore')
      expect(image).toBeDefined()
      if (image?.children.length === 0) continue
      expect(find(image, 'format')?.attributes.get('type')).toMatch(/^(raw|qcow2)$/)
      expect(find(image, 'backingStore')?.children).toEqual([])
    }
  })

  it('S33 listens nowhere but on the loopback', () => {
    for (const screen of all.flatMap((domain) => childrenOf(find(domain, 'devices'), 'graphics'))) {
      expect([screen.attributes.get('listen'), find(screen, 'listen')?.attributes.get('address')]).toEqual([
        '127.0.0.1',
        '127.0.0.1',
      ])
    }
  })

  it('limits no memory: a guest with a limit does not start where memory cannot be locked', () => {
    for (const domain of all) expect(find(domain, 'memtune')).toBeUndefined()
  })
})

const hostile = [
  `</title><devices><disk/></devices>`,
  ']]>',
  '&lt;&#0;&xxe;',
  `'"><x y='`,
  '<!--',
  '<?xml?>',
  '__proto__',
  'a\r\nb\tc',
  '🐧é',
]

describe('words of tenants', () => {
  it.each(hostile)('bring no element along: %j', (text) => {
    const plain = domainOf({ spec: aGuest(), facts: tcgHost })
    const spec = aGuest({ name: text, kernel: null })
    const domain = parseXml(xmlText(domainOf({ spec, facts: tcgHost })))
    expect(find(domain, 'title')?.text).toBe(text)
    expect(deviceNames(domain)).toEqual(deviceNames(plain))
  })

  it.each(['a\0b', '\u0007', '\ud800', '\uffff'])('are refused when XML cannot hold them: %j', (name) => {
    expect(() => domainOf({ spec: aGuest({ name }), facts: tcgHost })).toThrow(/cannot stand in XML/)
  })

  it.each(['a b', 'a,b', '-x', '<a>', ''])('are no CPU model: %j', (cpuModel) => {
    expect(() => domainOf({ spec: aGuest({ cpuModel }), facts: tcgHost })).toThrow(/is not a name/)
  })

  it.each(['br ex', '../x', '', '-br'])('are no bridge: %j', (source) => {
    expect(() => domainOf({ spec: aGuest({ nics: [aNic({ kind: 'bridge', source })] }), facts: tcgHost })).toThrow(
      /no name of a bridge/,
    )
  })
})

describe('hardware that cannot be', () => {
  const refused: [string, Parameters<typeof aGuest>[0], RegExp][] = [
    [
      'a topology of other CPUs',
      { hardware: { ...plainHardware, topology: { sockets: 2, cores: 2, threads: 1 } } },
      /are 4 CPUs, the flavor has 1/,
    ],
    [
      'cells of other memory',
      { hardware: { ...plainHardware, cells: [{ cpus: [0], memoryMb: 32 }] } },
      /hold 32 MB, the flavor has 64/,
    ],
    [
      'cells of other CPUs',
      { hardware: { ...plainHardware, cells: [{ cpus: [0, 1], memoryMb: 64 }] } },
      /hold CPUs 0-1, the flavor has 1/,
    ],
    ['secure boot of machine pc', { hardware: { ...plainHardware, firmware: 'uefi-secure' } }, /takes machine q35/],
  ]
  it.each(refused)('is refused: %s', (_, changes, words) => {
    expect(() => domainOf({ spec: aGuest(changes), facts: tcgHost })).toThrow(words)
  })
})

it('keeps a disk by its serial, whatever its place', () => {
  const spec = aGuest({ disks: [aDisk(), aDisk({ role: 'swap', bus: 'scsi' })] })
  expect(disksOf(domainOf({ spec, facts: tcgHost })).map((disk) => find(disk, 'serial')?.text)).toEqual(['root', 'swap'])
})
