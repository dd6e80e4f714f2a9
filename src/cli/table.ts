/** The table printer: aligned columns, two spaces apart; fits a terminal, never cuts anything in a pipe. */
import { escapeText } from './escape.ts'
import type { Screen, Style } from './screen.ts'
import { pad, shorten, textWidth, wrap } from './text-width.ts'

const gap = '  '
const least = 6

export interface Cell {
  readonly text: string
  /** Numbers stand right. */
  readonly right?: boolean
}

/** A cell made safe, with its width in terminal cells: measured once, since lists may have many thousand. */
interface Measured {
  readonly text: string
  readonly width: number
  readonly right: boolean
}

/** Lines of a table. Cells are escaped here; `header` undefined leaves the heading out. */
export function table(header: readonly string[] | undefined, rows: readonly (readonly Cell[])[], screen: Screen): string {
  const heading = header?.map((text) => measured({ text }))
  const cells = rows.map((row) => row.map(measured))
  const natural = (heading ?? cells[0] ?? []).map((_, column) =>
    cells.reduce((widest, row) => Math.max(widest, row[column]?.width ?? 0), heading?.[column]?.width ?? 0),
  )
  const widths = screen.width === undefined ? natural : narrowed(natural, screen.width)
  const status = statusPainter(screen)
  const lines = cells.map((row) => line(row, widths, status))
  return (heading ? [line(heading, widths, (text) => screen.paint('bold', text)), ...lines] : lines).join('\n')
}

const simple = /^[ -~]*$/

function measured({ text, right = false }: Cell): Measured {
  if (simple.test(text)) return { text, width: text.length, right }
  const safe = escapeText(text)
  return { text: safe, width: textWidth(safe), right }
}

function line(cells: readonly Measured[], widths: readonly number[], paint: ((text: string) => string) | undefined): string {
  let result = ''
  cells.forEach((cell, column) => {
    const width = widths[column] ?? 0
    const fits = cell.width <= width
    const text = fits ? cell.text : shorten(cell.text, width)
    const filling = ' '.repeat(Math.max(0, width - (fits ? cell.width : textWidth(text))))
    const shown = paint ? paint(text) : text
    result += `${column === 0 ? '' : gap}${cell.right ? filling + shown : shown + filling}`
  })
  return result.trimEnd()
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
  const status = statusPainter(screen) ?? ((text: string) => text)
  const lines = safe.flatMap(([name, value]) =>
    (room === undefined ? [value] : wrap(value, room)).map(
      (part, index) => `${screen.paint('bold', pad(index === 0 ? name : '', left))}${gap}${status(part)}`,
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

/** Colours the words of a status; undefined when nothing is coloured. */
function statusPainter(screen: Screen): ((text: string) => string) | undefined {
  if (screen.paint('green', 'x') === 'x') return undefined
  return (text) => {
    const style = styles.get(text)
    return style ? screen.paint(style, text) : text
  }
}
