/** XML as a tree: values enter by the builder alone and are escaped in one place. */
import { Fault } from '../../core/fault.ts'

/** An element has children or text, never both. */
export interface XmlElement {
  readonly name: string
  readonly attributes: ReadonlyMap<string, string>
  readonly children: readonly XmlElement[]
  readonly text: string
}

export type XmlValue = string | number | boolean | null | undefined
type XmlContent = XmlElement | XmlValue | readonly XmlElement[]

const nameForm = /^[A-Za-z_][A-Za-z0-9_.-]*(:[A-Za-z_][A-Za-z0-9_.-]*)?$/

/**
 * `element('disk', { type: 'file' }, …)`. Attributes and contents that are null are left out; booleans are yes and no.
 * Names are constants of the program. Fault `invalid` for a character that XML cannot hold.
 */
export function element(
  name: string,
  attributes: Readonly<Record<string, XmlValue>> = {},
  ...contents: readonly XmlContent[]
): XmlElement {
  const pairs = Object.entries(attributes).flatMap(([key, value]): [string, string][] =>
    value === null || value === undefined ? [] : [[checkedName(key), checkedText(asText(value))]],
  )
  const children = contents.flatMap((content) => (typeof content === 'object' && content !== null ? content : []))
  const text = contents.map((content) => (typeof content === 'object' || content === undefined ? '' : asText(content))).join('')
  if (children.length > 0 && text !== '') throw new Fault('internal', `element ${name} has both text and elements`)
  return { name: checkedName(name), attributes: new Map(pairs), children, text: checkedText(text) }
}

/** `when(x, …)`: the elements if the condition holds. */
export const when = (condition: boolean, ...elements: readonly XmlElement[]): readonly XmlElement[] => (condition ? elements : [])

/** The tree as text, an element a line. */
export function xmlText(root: XmlElement): string {
  return lines(root, '')
    .map((line) => `${line}\n`)
    .join('')
}

function lines({ name, attributes, children, text }: XmlElement, indent: string): string[] {
  const head = [name, ...[...attributes].map(([key, value]) => `${key}='${escapedAttribute(value)}'`)].join(' ')
  if (children.length > 0) {
    return [`${indent}<${head}>`, ...children.flatMap((child) => lines(child, `${indent}  `)), `${indent}</${name}>`]
  }
  return [text === '' ? `${indent}<${head}/>` : `${indent}<${head}>${escaped(text)}</${name}>`]
}

const asText = (value: string | number | boolean) => (typeof value === 'boolean' ? (value ? 'yes' : 'no') : String(value))

// Parsers turn a bare carriage return into a line feed, and blanks of attributes into spaces.
const escaped = (text: string) =>
  text.replace(/[&<>\r]/g, (character) => entities.get(character) ?? `&#${character.charCodeAt(0)};`)
const escapedAttribute = (text: string) =>
  text.replace(/[&<>'"\t\n\r]/g, (character) => entities.get(character) ?? `&#${character.charCodeAt(0)};`)
const entities = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ["'", '&apos;'],
  ['"', '&quot;'],
])

function checkedName(name: string): string {
  if (nameForm.test(name)) return name
  throw new Fault('internal', `${JSON.stringify(name)} is no name of an XML element or attribute`)
}

function checkedText(text: string): string {
  for (const character of text) {
    if (isXmlCharacter(character.codePointAt(0) ?? 0)) continue
    throw new Fault('invalid', `${JSON.stringify(character)} in ${JSON.stringify(text.slice(0, 64))} cannot stand in XML`)
  }
  return text
}

/** What XML 1.0 allows: no control characters but tab and line ends, no lone surrogates, no U+FFFE or U+FFFF. */
export const isXmlCharacter = (code: number): boolean =>
  code === 9 ||
  code === 10 ||
  code === 13 ||
  (code >= 0x20 && code <= 0xd7ff) ||
  (code >= 0xe000 && code <= 0xfffd) ||
  (code >= 0x1_0000 && code <= 0x10_ffff)
