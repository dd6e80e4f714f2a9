import { Fault } from '../../core/fault.ts'
import { count, name, object, pairs, slug, text, z } from '../../core/schema.ts'
import { iso } from '../../core/time.ts'
import { flavorView, viewOfFlavor } from '../../model/flavor.ts'
import { withPairs } from '../../model/pairs.ts'
import { defineAction, writing } from '../context.ts'

const most = 2 ** 31 - 1

export const create = defineAction({
  name: 'flavor.create',
  summary: 'create a flavor',
  effect: 'write',
  policy: 'admin',
  input: object({
    name: name().describe('name of the flavor'),
    id: slug(255).default('auto').describe('its id; auto makes one'),
    ram: count(1, most).describe('memory in MB'),
    vcpus: count(1, 4096).describe('virtual processors'),
    disk: count(0, most).default(0).describe("root disk in GB; 0 is the image's own size"),
    ephemeral: count(0, most).default(0).describe('second disk in GB'),
    swap: count(0, most).default(0).describe('swap disk in MB'),
    isPublic: z.boolean().default(true).describe('false hides it from everybody but admins'),
    description: text(65535).optional().describe('what it is for'),
    extraSpecs: pairs().default([]).describe('key=value for the scheduler and the drivers'),
    orReuse: z.boolean().default(false).describe('take the flavor of that name when there is one'),
  }),
  output: flavorView,
  async run({ orReuse, ...input }, context) {
    const id = input.id === 'auto' ? context.random.uuid() : input.id
    const flavor = await writing(context, 'flavor.create', async (tx) => {
      const [same] = await tx.list('flavors', { where: { name: input.name }, limit: 1 })
      if (same && orReuse) return same
      const taken = same ?? (await tx.get('flavors', id))
      if (taken)
        throw new Fault('exists', `flavor "${taken.name}" exists already, with the id ${taken.id}`, {
          hint: '--or-reuse takes it as it is',
        })
      return tx.insert('flavors', {
        ...input,
        id,
        description: input.description ?? null,
        extraSpecs: withPairs([], input.extraSpecs, `flavor "${input.name}"`),
        createdAt: iso(context.clock.wall()),
      })
    })
    return viewOfFlavor(flavor)
  },
})
