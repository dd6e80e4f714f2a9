/** How many terminal cells a text takes: enough of Unicode for tables, without a table of its own in the bundle. */

const plain = /^[\u0020-\u007e]*$/
const invisible = /[\p{Mn}\p{Me}\p{Cf}]/u
const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}|[\u{20000}-\u{3fffd}]/u

const cellsOf = (char: string) => (invisible.test(char) ? 0 : wide.test(char) ? 2 : 1)

/** Cells of an already escaped text. */
export function textWidth(text: string): number {
  if (plain.test(text)) return text.length
  let cells = 0
  for (const char of text) cells += cellsOf(char)
  return cells
}

/** The text in at most `width` cells, an ellipsis in place of what does not fit. */
export function shorten(text: string, width: number): string {
  if (textWidth(text) <= width) return text
  let kept = ''
  let cells = 0
  for (const char of text) {
    if (cells + cellsOf(char) > width - 1) break
    kept += char
    cells += cellsOf(char)
  }
  return `${kept}…`
}

/** The text cut into lines of at most `width` cells, at spaces where there are some. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = []
  let rest = text
  while (textWidth(rest) > width) {
    const head = shorten(rest, width + 1).slice(0, -1)
    const space = head.lastIndexOf(' ')
    const cut = space > width / 2 ? space : Math.max(1, head.length)
    lines.push(rest.slice(0, cut).trimEnd())
    rest = rest.slice(cut).trimStart()
  }
  return [...lines, rest]
}

export const pad = (text: string, width: number) => text + ' '.repeat(Math.max(0, width - textWidth(text)))
