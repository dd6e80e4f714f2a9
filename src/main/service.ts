/** A daemon as a service among others: which roles it has, what it says of itself, and that it says so again and again. */
import { hostname } from 'node:os'
import { wireVersion } from '../bus/rabbitmq-wire.ts'
import { asFault, Fault } from '../core/fault.ts'
import { type ServiceFacts, type ServiceRole, serviceRoles } from '../model/service.ts'
import type { Settings } from '../settings.ts'
import { migrations } from '../state/json/migrations.ts'
import { systemProcesses as processes } from '../system/processes.ts'

/** Questions of compute workers to whoever has the records; a topic of its own, so that flows cannot take all the places. */
export const recordsTopic = 'records'
/** The roles in the settings; without a bus a daemon does everything. Fault `invalid` for an unknown one. */
export function rolesOf({ bus, daemonRoles, daemonHosts }: Settings): readonly ServiceRole[] {
  const roles = serviceRoles.filter((role) => daemonRoles.includes(role))
  const unknown = daemonRoles.find((role) => !serviceRoles.some((known) => known === role))
  if (unknown !== undefined || roles.length === 0)
    throw new Fault('invalid', `daemonRoles holds ${unknown ?? 'nothing'}; there are ${serviceRoles.join(', ')}`)
  if (bus === '' && roles.length < serviceRoles.length)
    throw new Fault('invalid', `a daemon with the roles ${roles.join(', ')} needs a bus to the others`, {
      hint: '--bus amqps://USER@HOST',
    })
  if (bus !== '' && roles.includes('compute') && daemonHosts.length === 0)
    throw new Fault('invalid', 'the role compute needs the hosts that it serves', { hint: '--hosts NAME,NAME' })
  return roles
}

/** Its name among the services. */
export const nameOf = ({ serviceName }: Pick<Settings, 'serviceName'>) => (serviceName === '' ? hostname() : serviceName)

/** What this daemon says of itself. */
export const factsOf = (settings: Settings, version: string): ServiceFacts => ({
  id: nameOf(settings),
  roles: [...rolesOf(settings)],
  hosts: settings.bus === '' ? [] : [...settings.daemonHosts],
  process: processes.self(),
  version,
  understands: { records: migrations.length, messages: wireVersion },
  reportSeconds: settings.bus === '' && settings.database === '' ? 0 : settings.serviceReportSeconds,
})

/** Reports until it is stopped; a report that fails is followed by the next one. */
export function reportEvery(
  facts: ServiceFacts,
  report: (facts: ServiceFacts) => Promise<unknown>,
  note: (message: string) => void,
) {
  if (facts.reportSeconds === 0) return () => undefined
  let isUnder = false
  const timer = setInterval(() => {
    if (isUnder) return
    isUnder = true
    report(facts)
      .catch((error) => note(`the report of service ${facts.id} failed: ${asFault(error).message}`))
      .finally(() => {
        isUnder = false
      })
  }, facts.reportSeconds * 1000)
  return () => clearInterval(timer)
}
