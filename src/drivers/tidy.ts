/** Clears away what the doctor found to be nobody's. A disk is never removed: it is put aside, for a person to look at. */
import { Fault } from '../core/fault.ts'
import type { DriverContext } from './driver-context.ts'
import type { TidyOrder } from './holdings.ts'
import { tidyScript } from './survey-script.ts'

const mostOrders = 200

/** Carries the orders out in one round trip; resolves with the paths of those that were. */
export async function tidy({ host, instancesPath }: DriverContext, orders: readonly TidyOrder[]): Promise<string[]> {
  const done: string[] = []
  for (let start = 0; start < orders.length; start += mostOrders) {
    const words = orders.slice(start, start + mostOrders).flatMap(wordsOf)
    const { stdout } = await host.run(['sh', '-c', tidyScript, 'tidy', instancesPath, ...words])
    done.push(...stdout.split('\0').slice(0, -1))
  }
  return done
}

function wordsOf(order: TidyOrder): string[] {
  const parts = order.path.split('/')
  if (order.path.startsWith('/') || parts.length > 2 || parts.some((part) => ['', '.', '..'].includes(part)))
    throw new Fault('invalid', `${JSON.stringify(order.path)} is no path below an instances directory`)
  const owner = order.what === 'release' ? order.owner : ''
  return [order.what, order.path, owner, String('minutes' in order ? order.minutes : 0)]
}
