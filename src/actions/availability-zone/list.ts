import { holds } from '../../core/perform.ts'
import { object, z } from '../../core/schema.ts'
import { zoneOfHost } from '../../model/placement.ts'
import { defineAction, reading } from '../context.ts'

export const list = defineAction({
  name: 'availability-zone.list',
  summary: 'list availability zones',
  effect: 'read',
  policy: 'reader',
  input: object({}),
  output: z.array(
    z.object({
      name: z.string(),
      state: z.enum(['available', 'not available']).describe('available while one of its hosts is enabled and up'),
      hosts: z.array(z.string()).describe('shown to admins only'),
    }),
  ),
  run: (_, context) =>
    reading(context, async (reader) => {
      const [hosts, aggregates] = [await reader.list('hosts'), await reader.list('aggregates')]
      const zoned = hosts.map((host) => ({ host, zone: zoneOfHost(host.name, aggregates) ?? context.settings.defaultZone }))
      const zones = [...new Set(zoned.map(({ zone }) => zone))].sort()
      return zones.map((name) => {
        const own = zoned.filter(({ zone }) => zone === name).map(({ host }) => host)
        const usable = own.some((host) => host.enabled && host.inventory !== null)
        const names = holds(context, 'admin') ? own.map((host) => host.name) : []
        return { name, state: usable ? ('available' as const) : ('not available' as const), hosts: names }
      })
    }),
})
