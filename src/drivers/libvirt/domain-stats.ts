/** What `virsh domstats --raw` prints, read strictly. */
import { Fault } from '../../core/fault.ts'

export interface DomainStats {
  readonly name: string
  readonly fields: ReadonlyMap<string, string>
}

const mostDomains = 20_000
const mostFields = 100_000

/** One entry a domain, in the order of libvirt. Fault `internal` for a line that is neither a domain nor a field. */
export function parseDomainStats(text: string): DomainStats[] {
  const found: { name: string; fields: Map<string, string> }[] = []
  let count = 0
  for (const line of text.split('\n')) {
    if (line === '') continue
    const name = /^Domain: '(.*)'$/.exec(line)?.[1]
    const [, key, value = ''] = /^ {2}([a-z0-9._-]{1,128})=(.*)$/i.exec(line) ?? []
    count += 1
    if (name !== undefined) found.push({ name, fields: new Map() })
    else if (key !== undefined) found.at(-1)?.fields.set(key, value)
    if ((name === undefined && key === undefined) || found.length === 0 || found.length > mostDomains || count > mostFields) {
      throw new Fault('internal', `line ${count} of virsh domstats is not understood: ${JSON.stringify(line.slice(0, 80))}`)
    }
  }
  return found
}

/** A whole number that is not negative, or undefined. */
export function numberOf(fields: ReadonlyMap<string, string>, key: string): number | undefined {
  const text = fields.get(key)
  return text !== undefined && /^\d{1,20}$/.test(text) ? Number(text) : undefined
}
