/** Whether who works on a flow is still there: a process of this machine is looked at, one of another machine is known by its reports. */
import type { Clock, Processes, ProcessIdentity } from '../core/ports.ts'
import { isSameProcess, type Service, silenceOf } from '../model/service.ts'
import type { Settings } from '../settings.ts'
import type { Store } from '../state/store.ts'
import { storeNow } from '../state/store-now.ts'

export interface OwnersOptions {
  readonly store: Store
  readonly clock: Clock
  readonly processes: Processes
  readonly settings: Pick<Settings, 'downAfterMs'>
}

/** Answers for each owner, as of one moment of the store's clock. */
export async function livingOwners(options: OwnersOptions): Promise<(owner: ProcessIdentity) => boolean> {
  const { store, clock, processes, settings } = options
  const services = await store.read((reader) => reader.list('services'))
  const now = services.length === 0 ? 0 : await storeNow(store, clock)
  const here = processes.self().bootId
  const isFresh = (service: Service) => silenceOf(service, now) <= settings.downAfterMs
  return (owner) => {
    const service = services.find((one) => isSameProcess(one.process, owner))
    if (service?.forcedDown) return false
    return owner.bootId === here ? processes.isAlive(owner) : service !== undefined && isFresh(service)
  }
}
