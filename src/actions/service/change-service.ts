import { Fault } from '../../core/fault.ts'
import { nearest } from '../../core/nearest.ts'
import type { Service } from '../../model/service.ts'
import { type Context, reading, writing } from '../context.ts'
import { type ServiceRow, serviceRows } from './service-rows.ts'

type Change = Partial<Pick<Service, 'enabled' | 'disabledReason' | 'forcedDown'>>

/** Changes a service by its name and answers with its rows; `not-found` names those that there are. */
export async function changeService(id: string, action: string, change: Change, context: Context): Promise<ServiceRow[]> {
  const changed = await writing(context, action, async (tx) => {
    const service = await tx.get('services', id)
    if (service) return tx.update('services', { ...service, ...change })
    const names = (await tx.list('services')).map((one) => one.id)
    const close = nearest(id, names)
    throw new Fault('not-found', `no service named ${id}`, {
      hint: `there are: ${(close.length > 0 ? close : names.slice(0, 10)).join(', ')}`,
    })
  })
  return reading(context, (reader) => serviceRows([changed], reader, context))
}
