/** Services as Nova lists them: one row for each program that Nova would run, a compute service for each host. */
import { z } from '../../core/schema.ts'
import { specOf } from '../../model/flavor.ts'
import type { Aggregate } from '../../model/placement.ts'
import { type Service, silenceOf } from '../../model/service.ts'
import type { Reader } from '../../state/store.ts'
import { storeNow } from '../../state/store-now.ts'
import type { Context } from '../context.ts'

export const serviceRow = z.strictObject({
  id: z.string(),
  binary: z.string(),
  host: z.string(),
  zone: z.string(),
  status: z.enum(['enabled', 'disabled']),
  state: z.enum(['up', 'down']),
  updatedAt: z.string(),
  disabledReason: z.string().nullable(),
  forcedDown: z.boolean(),
  version: z.string(),
})
export type ServiceRow = z.infer<typeof serviceRow>

/** Judged by the clock of the store, which all services report by. */
export async function serviceRows(services: readonly Service[], reader: Reader, context: Context): Promise<ServiceRow[]> {
  const now = services.length === 0 ? 0 : await storeNow(context.store, context.clock)
  const aggregates = await reader.list('aggregates')
  return services.flatMap((service) => {
    const state = isUp(service, now, context) ? 'up' : 'down'
    return programsOf(service).map(({ binary, host }): ServiceRow => {
      const zone = binary === 'nova-compute' ? zoneOf(host, aggregates, context) : 'internal'
      const { id, lastSeen: updatedAt, disabledReason, forcedDown, version } = service
      const status = service.enabled ? 'enabled' : 'disabled'
      return { id, binary, host, zone, status, state, updatedAt, disabledReason, forcedDown, version }
    })
  })
}

/** A daemon on the machine of its records does not report: its process is looked at. */
export function isUp(service: Service, now: number, { settings, isRunning }: Context): boolean {
  if (service.reportSeconds === 0 && service.process !== null && !service.forcedDown) return isRunning?.(service.process) ?? true
  return silenceOf(service, now) <= settings.downAfterMs
}

function programsOf({ id, roles, hosts }: Service): { readonly binary: string; readonly host: string }[] {
  return roles.flatMap((role) => {
    const served = role === 'compute' && hosts.length > 0 ? hosts : [id]
    return served.map((host) => ({ binary: `nova-${role}`, host }))
  })
}

function zoneOf(host: string, aggregates: readonly Aggregate[], { settings }: Context): string {
  const zones = aggregates
    .filter(({ hosts }) => hosts.includes(host))
    .map(({ metadata }) => specOf(metadata, 'availability_zone'))
  return zones.find((zone) => zone !== undefined) ?? settings.defaultZone
}
