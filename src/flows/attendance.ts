/** What the services say of the hosts: a host whose compute services are silent or disabled is no place for a server. */
import type { HostRecord } from '../model/host.ts'
import { newestReport, type Service, silenceOf } from '../model/service.ts'
import type { Candidate } from '../scheduler/types.ts'

/** Answers for each host; a host that no service ever named is driven by whoever asks. */
export function attendanceOf(
  services: readonly Service[],
): (host: HostRecord) => Partial<Pick<Candidate, 'record' | 'silentMs'>> {
  const now = newestReport(services)
  const byHost = new Map<string, Service[]>()
  for (const service of services) for (const host of service.hosts) byHost.set(host, [...(byHost.get(host) ?? []), service])
  return (record) => {
    const all = byHost.get(record.name)
    if (!all) return {}
    const [first] = all
    const enabled = all.filter((service) => service.enabled)
    if (enabled.length === 0) return { record: disabledBy(record, first) }
    // The scheduler prints the number: a service that ended has been silent since its last report.
    const silences = enabled.map((service) => Math.min(silenceOf(service, now), endless))
    return { silentMs: Math.min(...silences) }
  }
}

/** A hundred days: what ended is not coming back by itself. */
const endless = 8_640_000_000

const disabledBy = (record: HostRecord, service: Service | undefined): HostRecord =>
  record.enabled
    ? { ...record, enabled: false, disabledReason: `its compute service ${service?.id} is disabled: ${service?.disabledReason}` }
    : record
