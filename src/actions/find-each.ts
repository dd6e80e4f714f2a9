/** Several records by name or id, for the actions that take many at once. */
import { Fault } from '../core/fault.ts'
import { reference, z } from '../core/schema.ts'

/** At most this many things in one call. */
const most = 1000

/** The names or ids that a delete takes. */
export const references = (plural: string) => z.array(reference()).min(1).max(most).describe(`names or ids of the ${plural}`)

/** The field that makes a delete silent about what is gone already. */
export const ifExists = () => z.boolean().default(false).describe('a missing one is no error')

/** The records that `wanted` means, each once; the first missing one is thrown unless `silent`. */
export async function findEach<T extends { readonly id: string }>(
  wanted: readonly string[],
  silent: boolean,
  findOne: (wanted: string) => Promise<T>,
): Promise<T[]> {
  const found = new Map<string, T>()
  for (const one of wanted) {
    const record = await findOne(one).catch((error: unknown) => {
      if (silent && error instanceof Fault && error.kind === 'not-found') return undefined
      throw error
    })
    if (record) found.set(record.id, record)
  }
  return [...found.values()]
}
