/** Doc comments as the sources have them, so that a page says what the code says. */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('../..', import.meta.url))
const read = (file: string) => readFileSync(path.join(root, file), 'utf8')

/** What a comment says, as one line. */
const plain = (comment: string) =>
  comment
    .replace(/^\/\*\*|\*\/$/g, '')
    .replace(/^\s*\* ?/gm, ' ')
    .replace(/\s+/g, ' ')
    .trim()

/** The comment above `export const NAME`, or above `export interface NAME`; empty when there is none. */
export function exportComment(file: string, name: string): string {
  const found = new RegExp(`(/\\*\\*(?:(?!\\*/)[\\s\\S])*\\*/)\\nexport (?:const|interface|type) ${name}\\b`).exec(read(file))
  return found?.[1] === undefined ? '' : plain(found[1])
}

/** The comment of each field in a file; the first of a name wins. */
export function fieldComments(...files: readonly string[]): Map<string, string> {
  const found = new Map<string, string>()
  for (const file of files)
    for (const [, comment = '', name = ''] of read(file).matchAll(
      /(\/\*\*(?:(?!\*\/)[\s\S])*\*\/)\n\s+(?:readonly )?'?([\w-]+)'?\??:/g,
    ))
      if (!found.has(name)) found.set(name, plain(comment))
  return found
}

export interface InterfaceField {
  readonly name: string
  readonly type: string
  readonly meaning: string
}

/** The fields of an interface, in their order. */
export function interfaceFields(file: string, name: string): InterfaceField[] {
  const body = new RegExp(`export interface ${name}\\b[^{]*\\{\\n([\\s\\S]*?)\\n\\}`).exec(read(file))?.[1] ?? ''
  const field = /(?:(\/\*\*(?:(?!\*\/)[\s\S])*\*\/)\n\s+)?readonly (\w+)\??: ([^\n]+)/g
  return [...body.matchAll(field)].map(([, comment = '', fieldName = '', type = '']) => ({
    name: fieldName,
    type: type
      .trim()
      .replaceAll('readonly ', '')
      .replaceAll(' | ', ' or ')
      .replace(/'([^']*)'/g, '`$1`'),
    meaning: plain(comment),
  }))
}
