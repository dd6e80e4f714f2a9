/** What every generated page is made with. */

export interface Page {
  /** Below docs/reference. */
  readonly path: string
  readonly text: string
}

/** What every made page says of itself. */
export const madeMark = 'Made by npm run docs from the declarations in src'

/** A page under its title, with where it comes from. */
export const page = (path: string, title: string, blocks: readonly string[]): Page => ({
  path,
  text: `${[`# ${title}`, `<!-- ${madeMark}; changes here are lost. -->`, ...blocks].join('\n\n')}\n`,
})

/** A table; an empty one is an empty text. */
export function table(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return ''
  const line = (cells: readonly string[]) => `| ${cells.map(cell).join(' | ')} |`
  return [line(headings), line(headings.map(() => '---')), ...rows.map(line)].join('\n')
}

const cell = (text: string) => text.replaceAll('|', '\\|').replace(/\s*\n\s*/g, ' ')

export const code = (text: string) => `\`${text}\``

/** Sorted by code unit, so that every machine makes the same page. */
export const sorted = <T>(items: readonly T[], key: (item: T) => string): T[] =>
  [...items].sort((one, other) => (key(one) < key(other) ? -1 : 1))
