/** The results of nova-status in Nova's own frame, which scripts read line by line. */
import { pad, textWidth, wrap } from './text-width.ts'

const title = 'Upgrade Check Results'
/** Columns of the text; longer details go on in the next line. */
const most = 76

interface Result {
  readonly check: string
  readonly result: string
  readonly details: string | null
}

export function statusTable(results: readonly Result[]): string {
  const blocks = results.map(({ check, result, details }) => [
    `Check: ${check}`,
    `Result: ${result}`,
    ...wrap(`Details: ${details ?? 'None'}`, most).map((line, index) => (index === 0 ? line : `  ${line}`)),
  ])
  const width = Math.max(textWidth(title), ...blocks.flat().map(textWidth))
  const rule = `+${'-'.repeat(width + 2)}+`
  const framed = (lines: readonly string[]) => [...lines.map((line) => `| ${pad(line, width)} |`), rule]
  return [rule, ...framed([title]), ...blocks.flatMap(framed)].join('\n')
}
