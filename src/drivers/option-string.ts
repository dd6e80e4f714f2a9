/** The one place where values enter qemu's `key=value,…` strings. */

export type OptionValue = string | number | boolean | null

/** `head,key=value,…`: commas in values are doubled, null leaves the key out, booleans are on and off. */
export function optionString(head: string | null, fields: Readonly<Record<string, OptionValue>>): string {
  const pairs = Object.entries(fields).flatMap(([key, value]) => (value === null ? [] : [`${key}=${asText(value)}`]))
  return [...(head === null ? [] : [head]), ...pairs].join(',')
}

function asText(value: string | number | boolean): string {
  if (typeof value === 'boolean') return value ? 'on' : 'off'
  return String(value).replaceAll(',', ',,')
}
