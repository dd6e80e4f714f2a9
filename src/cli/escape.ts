/**
 * The one place that makes text from outside safe to show: a name, a reason or a console line may not
 * move the cursor, recolour the terminal or turn the reading direction. C0, C1, ESC, CR, DEL and the bidirectional controls become visible.
 */

// biome-ignore lint/suspicious/noControlCharactersInRegex: finding them is the point
const unsafe = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]/g
const short: ReadonlyMap<string, string> = new Map([
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
  ['\u001b', '\\e'],
])

const visible = (char: string) => short.get(char) ?? `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`

/** One line: every control character is written out. */
export const escapeText = (text: string) => text.replace(unsafe, visible)

/** Several lines: as `escapeText`, but line ends and tabs stay. */
export const escapeBlock = (text: string) =>
  text.replace(/\r\n/g, '\n').replace(unsafe, (char) => (char === '\n' || char === '\t' ? char : visible(char)))

/** JSON text whose strings hold no raw control character; JSON.stringify alone leaves C1 and the bidirectional ones. */
export const escapeJson = (json: string) =>
  json.replace(unsafe, (char) => (char === '\n' ? char : `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`))

/** A copy of plain data with every string made safe as a block; for renderers that lay out text themselves. */
export function escapeDeep<T>(value: T): T {
  // The copy has the shape of the original: only the characters of its strings change.
  return copyOf(value) as T
}

function copyOf(value: unknown): unknown {
  if (typeof value === 'string') return escapeBlock(value)
  if (Array.isArray(value)) return value.map(copyOf)
  if (typeof value !== 'object' || value === null || value.constructor !== Object) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [escapeText(key), copyOf(item)]))
}
