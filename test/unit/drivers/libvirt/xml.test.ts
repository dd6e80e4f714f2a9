import { describe, expect, it } from 'vitest'
import { find, parseXml } from '../../../../src/drivers/libvirt/parse-xml.ts'
import { element, type XmlElement, xmlText } from '../../../../src/drivers/libvirt/xml.ts'

/** Numbers from a seed, so that a failure can be repeated. */
function numbers(seed: number) {
  let state = seed
  return (below: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

const pieces = [
  'a',
  ' ',
  '\t',
  '\n',
  '\r',
  '\r\n',
  '<',
  '>',
  '&',
  '"',
  "'",
  ']]>',
  '<!--',
  '-->',
  '&amp;',
  '&#10;',
  '<?',
  '/>',
  'é',
  '🐧',
  '\u0085',
  '\ufffd',
  '{',
  '%s',
  '..',
  '--',
]

function hostileText(next: (below: number) => number): string {
  return Array.from({ length: next(12) }, () => pieces[next(pieces.length)]).join('')
}

function hostileTree(next: (below: number) => number, depth = 0): XmlElement {
  const attributes = Object.fromEntries(Array.from({ length: next(4) }, (_, index) => [`a${index}`, hostileText(next)]))
  const children = depth < 4 ? Array.from({ length: next(4) }, () => hostileTree(next, depth + 1)) : []
  return children.length > 0 ? element(`e${depth}`, attributes, children) : element(`e${depth}`, attributes, hostileText(next))
}

describe('a tree', () => {
  it('S14 is read back as it was built, whatever its words are', () => {
    for (let seed = 1; seed <= 2000; seed += 1) {
      const tree = hostileTree(numbers(seed))
      expect(parseXml(xmlText(tree)), `seed ${seed}`).toEqual(tree)
    }
  })

  it('leaves out what is null and writes booleans as yes and no', () => {
    expect(xmlText(element('a', { b: null, c: true, d: false, e: 0 }, undefined, [element('f', {}, 7)]))).toBe(
      "<a c='yes' d='no' e='0'>\n  <f>7</f>\n</a>\n",
    )
  })

  it.each(['', 'a b', '<a', 'a:b:c', '1a', '-a'])('has no element or attribute named %j', (name) => {
    expect(() => element(name)).toThrow(/no name/)
    expect(() => element('a', { [name]: '' })).toThrow(/no name/)
  })

  it.each(['\0', '\u0008', '\u001f', '\ud800', '\udc00', '\ufffe', '\uffff'])('holds no %j', (character) => {
    expect(() => element('a', {}, `x${character}`)).toThrow(/cannot stand in XML/)
    expect(() => element('a', { b: character })).toThrow(/cannot stand in XML/)
  })
})

describe('the reader', () => {
  it('takes declarations, comments, references and both quotes', () => {
    const root = parseXml(`<?xml version="1.0"?><!-- <x> -->\n<a b='1"' c="2'&#x41;&#66;">&lt;&#128039;<!-- y --></a>\n`)
    expect([...root.attributes]).toEqual([
      ['b', '1"'],
      ['c', "2'AB"],
    ])
    expect(root.text).toBe('<🐧')
    expect(find(root, 'nothing', 'below')).toBeUndefined()
  })

  it.each([
    ['<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>'],
    ['<a>&x;</a>'],
    ['<a>&#0;</a>'],
    ['<a>&#xD800;</a>'],
    ['<a>&#x110000;</a>'],
    ['<a>& b</a>'],
    ['<a>&amp</a>'],
    ['<a><![CDATA[x]]></a>'],
    ['<a><?php ?></a>'],
    ['<a b="1" b="2"/>'],
    ['<a b=1/>'],
    ['<a b="<"/>'],
    ['<a></b>'],
    ['<a>'],
    ['</a>'],
    ['<a/><b/>'],
    ['text<a/>'],
    ['<a/>text'],
    ['<a>\u0001</a>'],
    ['<!-- a -- b --><a/>'],
    [''],
    ['<a '],
  ])('refuses %j', (text) => {
    expect(() => parseXml(text)).toThrow(/not understood/)
  })

  it('refuses what is too deep, too much or too large', () => {
    expect(() => parseXml('<a>'.repeat(65) + '</a>'.repeat(65))).toThrow(/too deep/)
    expect(() => parseXml(`<a>${'<b/>'.repeat(200_000)}</a>`)).toThrow(/too many/)
    expect(() => parseXml(' '.repeat(8 * 1024 ** 2 + 1))).toThrow(/is the most/)
  })

  it('comes to an end with long hostile text', () => {
    for (const text of [
      `<a ${'b=" '.repeat(100_000)}`,
      `<!--${'-'.repeat(500_000)}`,
      '<a>&'.repeat(100_000),
      `<a${' '.repeat(500_000)}`,
    ]) {
      expect(() => parseXml(text)).toThrow()
    }
  })
})
