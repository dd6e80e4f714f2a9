/**
 * A strict reader of the XML that hosts print: well-formed or refused. No document types, no entities but the five of XML
 * itself, and limits on size, depth and number, because the host may be hostile.
 */
import { Fault } from '../../core/fault.ts'
import { isXmlCharacter, type XmlElement } from './xml.ts'

const largest = 8 * 1024 * 1024
const deepest = 64
const mostElements = 200_000

interface OpenElement {
  readonly name: string
  readonly attributes: ReadonlyMap<string, string>
  readonly children: XmlElement[]
  readonly text: string[]
}

const nameText = '[A-Za-z_][A-Za-z0-9_.-]*(?::[A-Za-z_][A-Za-z0-9_.-]*)?'
const startTag = new RegExp(String.raw`<(${nameText})((?:\s+${nameText}\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(/?)>`, 'y')
const endTag = new RegExp(String.raw`</(${nameText})\s*>`, 'y')
const attribute = new RegExp(String.raw`\s+(${nameText})\s*=\s*(?:"([^"]*)"|'([^']*)')`, 'g')
const comment = /<!--(?:(?!--)[\s\S])*-->/y
const declaration = /^\uFEFF?<\?xml\s[^?>]*\?>/
const characters = /[^<]+/y

/** The document's root. Fault `internal` that names the place when it is not what we read. */
export function parseXml(text: string): XmlElement {
  if (text.length > largest) throw new Fault('internal', `XML of ${text.length} characters; ${largest} is the most`)
  const open: OpenElement[] = []
  let root: XmlElement | undefined
  let count = 0
  let at = declaration.exec(text)?.[0].length ?? 0
  const match = (pattern: RegExp) => {
    pattern.lastIndex = at
    const found = pattern.exec(text)
    if (found) at = pattern.lastIndex
    return found
  }
  const close = (made: OpenElement) => {
    const parent = open.at(-1)
    if (parent) parent.children.push(finished(made))
    else root = finished(made)
  }
  while (at < text.length) {
    const content = match(characters)?.[0]
    if (content !== undefined) {
      const parent = open.at(-1)
      if (parent) parent.text.push(decoded(content))
      else if (content.trim() !== '') throw broken('text outside of the root', at)
      continue
    }
    if (match(comment)) continue
    const ending = match(endTag)
    if (ending) {
      const made = open.pop()
      if (!made || made.name !== ending[1]) throw broken(`</${ending[1]}> closes nothing`, at)
      close(made)
      continue
    }
    const start = match(startTag)
    if (!start || (open.length === 0 && root)) throw broken('no element', at)
    count += 1
    if (open.length >= deepest || count > mostElements) throw broken('too deep or too many elements', at)
    const made = { name: start[1] ?? '', attributes: attributesOf(start[2] ?? '', at), children: [], text: [] }
    if (start[3] === '/') close(made)
    else open.push(made)
  }
  if (open.length > 0 || !root) throw broken('it ends too early', at)
  return root
}

function finished({ name, attributes, children, text }: OpenElement): XmlElement {
  const all = text.join('')
  return { name, attributes, children, text: children.length > 0 && all.trim() === '' ? '' : all }
}

function attributesOf(text: string, at: number): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  for (const [, name = '', double, single] of text.matchAll(attribute)) {
    if (found.has(name)) throw broken(`attribute ${name} twice`, at)
    // A blank of an attribute is a space, unless it was written as a reference.
    found.set(name, decoded((double ?? single ?? '').replace(/\r\n|[\t\n\r]/g, ' ')))
  }
  return found
}

const named = new Map([
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['apos', "'"],
  ['quot', '"'],
])

function decoded(text: string): string {
  for (const character of text) if (!isXmlCharacter(character.codePointAt(0) ?? 0)) throw broken('an illegal character', 0)
  return text.replace(/\r\n?/g, '\n').replace(/&([^;&]{0,16}(?:;|$))?/g, (_, reference: string | undefined) => entity(reference))
}

function entity(reference = ''): string {
  const [, hex, decimal] = /^#(?:x([0-9A-Fa-f]{1,6})|([0-9]{1,7}));$/.exec(reference) ?? []
  const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16)
  const known = Number.isNaN(code) ? named.get(reference.slice(0, -1)) : isXmlCharacter(code) && String.fromCodePoint(code)
  if (!known || !reference.endsWith(';')) throw broken(`unknown entity &${reference}`, 0)
  return known
}

const broken = (what: string, at: number) =>
  new Fault('internal', `XML of the host is not understood near character ${at}: ${what}`)

/** The child elements with that name. */
export const childrenOf = (parent: XmlElement | undefined, name: string): XmlElement[] =>
  parent?.children.filter((child) => child.name === name) ?? []

/** The first element down a path of names, or undefined. */
export const find = (root: XmlElement | undefined, ...path: readonly string[]): XmlElement | undefined =>
  path.reduce<XmlElement | undefined>((parent, name) => childrenOf(parent, name)[0], root)
