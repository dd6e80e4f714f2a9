/** One change of an aggregate in one transaction, with the guards of zones. */
import { object, reference } from '../../core/schema.ts'
import { type Aggregate, type AggregateView, viewOfAggregate, zoneOfAggregate } from '../../model/placement.ts'
import type { Transaction } from '../../state/store.ts'
import { type Context, writing } from '../context.ts'
import { find } from '../find.ts'
import { refuseBadZone, refuseSecondZone, refuseZoneChange } from './guard-zone.ts'

/** Which host of which aggregate. */
export const hostOfAggregate = object({
  aggregate: reference().describe('name or id of the aggregate'),
  host: reference().describe('name or id of the host'),
})

/** Applies `change` to the aggregate that `reference` means. */
export function changeAggregate(
  context: Context,
  action: string,
  reference: string,
  change: (aggregate: Aggregate, tx: Transaction) => Promise<Aggregate>,
): Promise<AggregateView> {
  return writing(context, action, async (tx) => {
    const aggregate = await find(tx, 'aggregates', reference, context)
    const changed = await change(aggregate, tx)
    await guardAggregate(tx, aggregate, changed, context.settings.defaultZone)
    return viewOfAggregate(await tx.update('aggregates', changed))
  })
}

/** Refuses a change that gives an aggregate a wrong zone, or its hosts a second or another one under their servers. */
export async function guardAggregate(tx: Transaction, now: Aggregate, changed: Aggregate, defaultZone: string): Promise<void> {
  refuseBadZone(changed)
  const before = await tx.list('aggregates')
  const after = before.map((one) => (one.id === changed.id ? changed : one))
  for (const host of changed.hosts) refuseSecondZone(host, zoneOfAggregate(changed), changed, before)
  const touched = [...new Set([...now.hosts, ...changed.hosts])]
  await refuseZoneChange(tx, touched, before, after, defaultZone)
}
