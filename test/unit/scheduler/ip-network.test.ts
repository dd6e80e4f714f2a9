import { describe, expect, it } from 'vitest'
import { ipAddress, sharesPrefix } from '../../../src/scheduler/ip-network.ts'

describe('ipAddress', () => {
  it.each([
    ['0.0.0.0', 0n],
    ['255.255.255.255', 0xffff_ffffn],
    ['::', 0n],
    ['::1', 1n],
    ['1::', 1n << 112n],
    ['fe80::a:b', (0xfe80n << 112n) | 0xa000bn],
    ['1:2:3:4:5:6:7:8', 0x0001_0002_0003_0004_0005_0006_0007_0008n],
    ['::ffff:10.0.0.1', 0xffff_0a00_0001n],
  ])('reads %s', (text, value) => expect(ipAddress(text)?.value).toBe(value))

  it.each([
    '',
    ':',
    ':::',
    '1.2.3',
    '1.2.3.4.5',
    '1.2.3.x',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7::8',
    '::12345',
    '::1.2.3',
    'host',
    '1e1.0.0.0',
  ])('refuses %j', (text) => expect(ipAddress(text)).toBeUndefined())
})

describe('sharesPrefix', () => {
  const at = (text: string) => ipAddress(text) ?? { bits: 32 as const, value: -1n }
  it('compares the first bits only', () => {
    expect(sharesPrefix(at('10.0.0.1'), at('10.0.0.254'), 24)).toBe(true)
    expect(sharesPrefix(at('10.0.0.1'), at('10.0.0.2'), 32)).toBe(false)
    expect(sharesPrefix(at('10.0.0.1'), at('99.9.9.9'), 0)).toBe(true)
    expect(sharesPrefix(at('0.0.0.1'), at('::1'), 0)).toBe(false)
  })
})
