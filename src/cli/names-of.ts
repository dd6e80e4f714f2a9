/** Names of things in the state for a field such as `server` or `flavor`, asked from the list action of its noun. */
import { valueAt } from './columns.ts'
import { connect } from './connect.ts'
import { targetOf } from './contexts.ts'
import { isThere, newRequestId } from './outside.ts'

/** Fields whose values are names of things, and the nouns of those. */
const nouns: ReadonlyMap<string, string> = new Map(
  ['server', 'image', 'flavor', 'host', 'keypair', 'aggregate', 'server-group', 'availability-zone'].flatMap((noun) => {
    const camel = noun.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase())
    return [
      [camel, noun],
      [`${camel}s`, noun],
    ] as const
  }),
)
const others: ReadonlyMap<string, string> = new Map([
  ['key', 'keypair'],
  ['keyName', 'keypair'],
  ['group', 'server-group'],
  ['zone', 'availability-zone'],
  ['target', 'server'],
])

export interface Wanted {
  readonly field: string
  /** The noun of the command's action. */
  readonly noun: string | undefined
  /** What was typed so far. */
  readonly prefix: string
}

/** The names, or none when the field means nothing that is listed. */
export async function namesOf({ field, noun, prefix }: Wanted, env: NodeJS.ProcessEnv): Promise<string[]> {
  const known = nouns.get(field) ?? others.get(field)
  const wanted = known ?? (['name', 'names', 'id', 'ids'].includes(field) ? noun : undefined)
  const target = targetOf({ state: undefined, project: undefined, context: undefined, endpoint: undefined }, env)
  if (wanted === undefined || target.endpoint !== undefined || !isThere(target.stateDirectory)) return []
  const connection = await connect(target)
  try {
    const options = { signal: new AbortController().signal, progress: () => undefined, requestId: newRequestId() }
    const records = await connection.call(`${wanted}.list`, wanted === 'server' && prefix !== '' ? { name: prefix } : {}, options)
    const names = (Array.isArray(records) ? records : []).map(
      (record: unknown) => valueAt(record, 'name') ?? valueAt(record, 'id'),
    )
    // A name with a space or a control character would be several words to the shell.
    return names.filter((name) => typeof name === 'string' && /^[^\s\p{C}'"\\$`]+$/u.test(name)).map(String)
  } finally {
    await connection.close()
  }
}
