import { Fault } from '../../core/fault.ts'
import { object } from '../../core/schema.ts'
import { storeNow } from '../../state/store-now.ts'
import { type Context, defineAction } from '../context.ts'
import { isUp } from '../service/service-rows.ts'
import { schemaFacts } from './version.ts'

export const sync = defineAction({
  name: 'db.sync',
  summary: 'write the records in the newest form, once no older daemon is left; makes them when there are none',
  effect: 'write',
  policy: 'admin',
  input: object({}),
  output: schemaFacts,
  async run(_, context) {
    const upkeep = await context.upkeep()
    if (!context.plan) {
      await upkeep.prepare()
      await refuseOlder(upkeep.records, context)
      await upkeep.sync()
    }
    const { pending, ...facts } = await upkeep.facts()
    return { ...facts, pending: [...pending] }
  },
})

/** An older daemon cannot read the newest form: as long as it lives, all write the one that it knows. */
async function refuseOlder(known: number, context: Context): Promise<void> {
  const services = await context.store.read((reader) => reader.list('services'))
  if (services.length === 0) return
  const now = await storeNow(context.store, context.clock)
  const older = services.filter((one) => one.understands.records < known && isUp(one, now, context)).map(({ id }) => id)
  if (older.length === 0) return
  throw new Fault('conflict', `service ${older.slice(0, 5).join(', ')} is up and older: it reads no records of form ${known}`, {
    hint: 'start it again with this version, then sync; the order: nova daemon upgrade --plan',
  })
}
