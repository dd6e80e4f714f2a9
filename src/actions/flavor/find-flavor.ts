/** The flavor that a name or id means; a private one is missing for everybody but admins. */
import { Fault } from '../../core/fault.ts'
import { holds } from '../../core/perform.ts'
import type { Flavor } from '../../model/flavor.ts'
import type { Reader } from '../../state/store.ts'
import type { Context } from '../context.ts'
import { find } from '../find.ts'

export async function findFlavor(reader: Reader, reference: string, context: Context): Promise<Flavor> {
  const flavor = await find(reader, 'flavors', reference, context)
  if (flavor.isPublic || holds(context, 'admin')) return flavor
  throw new Fault('not-found', `no flavor with a name or id of "${reference}"`)
}
