import { asFault } from '../../core/fault.ts'
import { object, reference, z } from '../../core/schema.ts'
import type { HostRecord } from '../../model/host.ts'
import { type Context, defineAction, reading } from '../context.ts'
import { find } from '../find.ts'
import { findEach } from '../find-each.ts'
import { readInventory } from './read-inventory.ts'

const outcome = z.object({
  name: z.string(),
  state: z.enum(['up', 'down']),
  vcpus: z.int().nullable(),
  memoryMb: z.int().nullable(),
  diskGb: z.int().nullable(),
  error: z.string().nullable(),
})
type Outcome = z.infer<typeof outcome>

export const refresh = defineAction({
  name: 'host.refresh',
  summary: 'read again what hosts have; one that is down does not stop the others',
  effect: 'write',
  policy: 'admin',
  input: object({ hosts: z.array(reference()).max(1000).default([]).describe('names or ids of the hosts; all when left out') }),
  output: z.array(outcome),
  async run(input, context) {
    const hosts = await reading(context, (reader) =>
      input.hosts.length === 0
        ? reader.list('hosts')
        : findEach(input.hosts, false, (host) => find(reader, 'hosts', host, context)),
    )
    return Promise.all(hosts.map((host) => refreshed(context, host)))
  },
})

async function refreshed(context: Context, host: HostRecord): Promise<Outcome> {
  try {
    const { inventory } = await readInventory(context, 'host.refresh', host)
    const { vcpus = null, memoryMb = null, diskGb = null } = inventory ?? {}
    return { name: host.name, state: 'up', vcpus, memoryMb, diskGb, error: null }
  } catch (error) {
    return { name: host.name, state: 'down', vcpus: null, memoryMb: null, diskGb: null, error: asFault(error).message }
  }
}
