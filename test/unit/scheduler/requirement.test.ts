import { describe, expect, it } from 'vitest'
import { type Fact, requirementOf } from '../../../src/scheduler/requirement.ts'

describe('requirementOf', () => {
  it.each<[string, Fact, boolean]>([
    ['= 8', '8', true],
    ['= 8', '9', true],
    ['= 8', '7', false],
    ['== 8', '8.0', true],
    ['== 8', '9', false],
    ['!= 8', '9', true],
    ['!= 8', '8', false],
    ['!= 8', 'eight', false],
    ['>= 1e3', '1000', true],
    ['<= 3', '3.5', false],
    ['>= nan', '1', false],
    ['>= 1', 'inf', false],
    ['>= 0x10', '99', false],
    ['>= 1e999', '1', false],
    ['>=', '1', false],
    ['s== a', 'a', true],
    ['s!= a', 'b', true],
    ['s< b', 'a', true],
    ['s<= a', 'a', true],
    ['s> a', 'b', true],
    ['s>= b', 'a', false],
    ['<in> 11', '12311321', true],
    ['<in> 12', '11', false],
    ['<in> aes', ['aes', 'vmx'], true],
    ['<in> ae', ['aes', 'vmx'], false],
    ['<all-in> aes vmx', ['vmx', 'aes', 'avx'], true],
    ['<all-in> aes svm', ['vmx', 'aes'], false],
    ['<all-in>', ['aes'], false],
    ['<or> 11 <or> 12', '12', true],
    ['<or> 11 <or> 12', '13', false],
    ['<or> a <or>', '<or>', false],
    ['<or>', 'a', false],
    ['qemu', 'qemu', true],
    ['qemu', 'QEMU', false],
    ['two words', 'two words', true],
    ['> 3', '4', false],
    ['', '', true],
    ['.*', 'anything', false],
    ['(a+)+$', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!', false],
    ['__proto__', '__proto__', true],
  ])('%j of %j is %s', (spec, fact, expected) => {
    expect(requirementOf(spec)(fact)).toBe(expected)
  })
})
