/** A page of documentation whose ```console blocks are run: what each command must print, and how it is compared. */

export interface ConsoleCommand {
  /** Line of the page, from 1. */
  readonly line: number
  readonly command: string
  /** Lines that the page shows under the command. */
  readonly shown: readonly string[]
}

/** The commands of a page in order; `> ` continues one. */
export function commandsOf(page: string): ConsoleCommand[] {
  const commands: { line: number; command: string; shown: string[] }[] = []
  let inside = false
  for (const [index, text] of page.split('\n').entries()) {
    const current = commands.at(-1)
    if (/^```/.test(text)) inside = text === '```console'
    else if (!inside) continue
    else if (text.startsWith('$ ')) commands.push({ line: index + 1, command: text.slice(2), shown: [] })
    else if (text.startsWith('> ') && current?.shown.length === 0) current.command += `\n${text.slice(2)}`
    else current?.shown.push(text)
  }
  return commands
}

/** The exit code that the page shows: that of the error it ends with, or 0. */
export function exitCodeOf({ shown }: ConsoleCommand): number {
  return Number(/^exit code (\d+) /m.exec(shown.join('\n'))?.[1] ?? 0)
}

/**
 * The first shown line that the output does not have, or undefined. Output may have more lines than the page shows;
 * `…` on a line of its own says so to the reader, at the end of a line it stands for the rest of that line.
 */
export function missingLine(shown: readonly string[], output: string): string | undefined {
  const lines = output.split('\n').map(plain)
  let at = 0
  for (const line of shown) {
    if (line.trim() === '…' || line.trim() === '') continue
    const found = lines.findIndex((candidate, index) => index >= at && isShownBy(plain(line), candidate))
    if (found < 0) return line
    at = found + 1
  }
  return undefined
}

const isShownBy = (wanted: string, line: string) =>
  wanted.endsWith('…') ? line.startsWith(wanted.slice(0, -1).trimEnd()) : line === wanted

/** Without what differs from run to run: ids, times, how long it took, new keys, how columns are padded. */
function plain(line: string): string {
  return line
    .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, 'ID')
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME')
    .replace(/\b\d+(\.\d+)? (ms|s|min|h|d)\b( \d+ (ms|s|min|h)\b)?( ago)?|\bnow\b/g, 'SPAN')
    .replace(/\b\d+ bytes\b/g, 'N bytes')
    .replace(/\b([0-9a-f]{2}:){15}[0-9a-f]{2}\b/g, 'FINGERPRINT')
    .replace(/\s+/g, ' ')
    .trim()
}

/** The page with what each of these commands printed under it; where the page shows a part of it, the same part. */
export function withOutput(page: string, printed: ReadonlyMap<ConsoleCommand, string>): string {
  const lines = page.split('\n')
  for (const [{ line, command, shown }, output] of [...printed].reverse()) {
    const start = line + command.split('\n').length - 1
    const whole = output === '' ? [] : output.trimEnd().split('\n')
    lines.splice(start, shown.length, ...(samePart(shown, whole) ?? whole))
  }
  return lines.join('\n')
}

/** Each shown line as it is printed now, or undefined when one is not known again. */
function samePart(shown: readonly string[], printed: readonly string[]): string[] | undefined {
  if (!shown.some((line) => line.endsWith('…'))) return undefined
  const part: string[] = []
  let at = 0
  for (const line of shown) {
    const rest = printed.slice(at)
    const kept = rest.findIndex((candidate) => isShownBy(plain(line), plain(candidate)))
    const found = kept >= 0 ? kept : mostLike(plain(line), rest.map(plain))
    if (line.trim() !== '…' && found < 0) return undefined
    part.push(line.trim() === '…' || kept >= 0 ? line : (rest[found] ?? line))
    if (line.trim() !== '…') at += found + 1
  }
  return part
}

/** The index of the line that begins most like `line`, by a third of it at least; -1 when there is none. */
function mostLike(line: string, candidates: readonly string[]): number {
  const alike = candidates.map((candidate) => [...line].findIndex((letter, index) => candidate[index] !== letter))
  const lengths = alike.map((index) => (index < 0 ? line.length : index))
  const most = Math.max(0, ...lengths)
  return most * 3 >= line.length && most > 0 ? lengths.indexOf(most) : -1
}
