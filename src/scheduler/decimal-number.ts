const decimal = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d{1,3})?$/i

/** The finite number that `text` spells in decimal, or undefined; `nan`, `inf`, hex and blanks are no numbers. */
export function decimalNumber(text: string): number | undefined {
  const trimmed = text.trim()
  if (trimmed.length > 64 || !decimal.test(trimmed)) return undefined
  const value = Number(trimmed)
  return Number.isFinite(value) ? value : undefined
}
