/** The records of services: a daemon registers when it begins, reports while it lives, and says so when it ends. */
import { Fault } from '../core/fault.ts'
import type { Clock, Processes, ProcessIdentity } from '../core/ports.ts'
import { iso } from '../core/time.ts'
import { isSameProcess, type Service, type ServiceFacts, silenceOf, understandsLeast } from '../model/service.ts'
import type { Store } from './store.ts'
import { storeNow } from './store-now.ts'

export interface ServicesOptions {
  readonly store: Store
  readonly clock: Clock
  readonly processes: Processes
  readonly downAfterMs: number
}

export interface Services {
  /** Notes that the service is there. `conflict` when another process has its name and is alive. */
  report(facts: ServiceFacts): Promise<void>
  /** Services that are there now. */
  alive(): Promise<Service[]>
  /** Notes that it ended by itself. */
  end(id: string, process: ProcessIdentity): Promise<void>
}

export function serviceReports({ store, clock, processes, downAfterMs }: ServicesOptions): Services {
  const authorship = (id: string, action: string) => ({ actor: id, request: `service-${id}`, action })

  /** A process of this machine is looked at; another one is known by its reports. */
  function isAlive(service: Service, now: number): boolean {
    if (service.process === null || service.forcedDown) return false
    const isHere = service.process.bootId === processes.self().bootId
    return isHere ? processes.isAlive(service.process) : silenceOf(service, now) <= downAfterMs
  }

  /** Whether the record says all of it but the time. */
  async function isSaid({ understands = understandsLeast, ...facts }: ServiceFacts): Promise<boolean> {
    const known = await store.read((reader) => reader.get('services', facts.id))
    if (!known || !isSameProcess(known.process, facts.process)) return false
    const fields = new Map<string, unknown>(Object.entries(known))
    return Object.entries({ ...facts, understands }).every(
      ([field, value]) => JSON.stringify(fields.get(field)) === JSON.stringify(value),
    )
  }

  return {
    async report(facts) {
      if (store.report && (await isSaid(facts)) && (await store.report(facts.id, facts.process))) return
      const now = await storeNow(store, clock)
      const at = iso(now)
      await store.transaction(authorship(facts.id, 'service.report'), async (tx) => {
        const known = await tx.get('services', facts.id)
        const isSame = known !== undefined && isSameProcess(known.process, facts.process)
        if (known && !isSame && isAlive(known, now))
          throw new Fault('conflict', `service ${facts.id} runs already, as process ${known.process?.pid}`, {
            hint: 'give this one another name: --name',
          })
        const started = known && isSame ? known.startedAt : at
        const fresh = { enabled: true, disabledReason: null, forcedDown: false }
        const { understands = understandsLeast, ...said } = facts
        const record = { ...fresh, ...known, ...said, understands, startedAt: started, lastSeen: at }
        await (known ? tx.update('services', { ...record, generation: known.generation }) : tx.insert('services', record))
      })
    },
    async alive() {
      const now = await storeNow(store, clock)
      return (await store.read((reader) => reader.list('services'))).filter((service) => isAlive(service, now))
    },
    async end(id, process) {
      await store.transaction(authorship(id, 'service.end'), async (tx) => {
        const known = await tx.get('services', id)
        if (known && isSameProcess(known.process, process)) await tx.update('services', { ...known, process: null })
      })
    },
  }
}
