/** The table printer: aligned columns, two spaces apart; fits a terminal, never cuts anything in a pipe. */
import { escapeText } from './escape.ts'
import type { Screen, Style } from './screen.ts'
import { pad, padStart, shorten, textWidth, wrap } from './text-width.ts'

const gap = '  '
const least = 6

export interface Cell {
  readonly text: string
  /** Numbers stand right. */
  readonly right?: boolean
}

/** Lines of a table. Cells are escaped here; `header` undefined leaves the heading out. */
export function table(header: readonly string[] | undefined, rows: readonly (readonly Cell[])[], screen: Screen): string {
  const safe = rows.map((row) => row.map((cell) => ({ ...cell, text: escapeText(cell.text) })))
  const count = safe[0]?.length ?? header?.length ?? 0
  const natural = Array.from({ length: count }, (_, column) =>
    safe.reduce((widest, row) => Math.max(widest, textWidth(row[column]?.text ?? '')), textWidth(header?.[column] ?? '')),
  )
  const widths = screen.width === undefined ? natural : narrowed(natural, screen.width)
  const head = header
    ? [
        line(
          header.map((text) => ({ text })),
          widths,
          (text) => screen.paint('bold', text),
        ),
      ]
    : []
  return [...head, ...safe.map((row) => line(row, widths, (text) => paintStatus(text, screen)))].join('\n')
}

function line(cells: readonly Cell[], widths: readonly number[], paint: (text: string) => string): string {
  const parts = cells.map((cell, column) => {
    const width = widths[column] ?? 0
    const text = shorten(cell.text, width)
    const filled = cell.right ? padStart(text, width) : pad(text, column === cells.length - 1 ? 0 : width)
    return filled.replace(text, () => paint(text))
  })
  return parts.join(gap).trimEnd()
}

/** Takes cells from the widest column until the line fits; no column below six cells. */
function narrowed(natural: readonly number[], width: number): number[] {
  const widths = [...natural]
  let excess = widths.reduce((sum, w) => sum + w, 0) + gap.length * (widths.length - 1) - width
  while (excess > 0) {
    const widest = Math.max(...widths)
    const column = widths.lastIndexOf(widest)
    if (widest <= least) break
    widths[column] = widest - 1
    excess--
  }
  return widths
}

/** Names left, values right of them; long values go on in the next line on a terminal. */
export function properties(pairs: readonly (readonly [string, string])[], screen: Screen): string {
  const safe = pairs.map(([name, value]) => [escapeText(name), escapeText(value)] as const)
  const left = Math.max(0, ...safe.map(([name]) => textWidth(name)))
  const room = screen.width === undefined ? undefined : Math.max(least * 3, screen.width - left - gap.length)
  const lines = safe.flatMap(([name, value]) =>
    (room === undefined ? [value] : wrap(value, room)).map(
      (part, index) => `${screen.paint('bold', pad(index === 0 ? name : '', left))}${gap}${paintStatus(part, screen)}`,
    ),
  )
  return lines.map((text) => text.trimEnd()).join('\n')
}

const styles: ReadonlyMap<string, Style> = new Map([
  ['ACTIVE', 'green'],
  ['up', 'green'],
  ['done', 'green'],
  ['ERROR', 'red'],
  ['down', 'red'],
  ['failed', 'red'],
  ['BUILD', 'yellow'],
  ['REBUILD', 'yellow'],
  ['REBOOT', 'yellow'],
  ['HARD_REBOOT', 'yellow'],
  ['SHUTOFF', 'dim'],
  ['DELETED', 'dim'],
])

function paintStatus(text: string, screen: Screen): string {
  const style = styles.get(text)
  return style ? screen.paint(style, text) : text
}
