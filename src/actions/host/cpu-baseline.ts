import { asFault, Fault } from '../../core/fault.ts'
import { object, reference, z } from '../../core/schema.ts'
import type { CpuBaseline, HostCpu } from '../../drivers/driver.ts'
import type { HostRecord } from '../../model/host.ts'
import { type Context, defineAction, reading } from '../context.ts'
import { find } from '../find.ts'
import { findEach } from '../find-each.ts'

const row = z.object({
  host: z.string(),
  model: z.string().nullable(),
  vendor: z.string().nullable(),
  lacks: z.array(z.string()).describe('features that every other host has: because of this one no guest has them'),
  error: z.string().nullable(),
})

const output = z.object({
  guestCpu: z.string().describe('a CPU that every host can give, as --guest-cpu takes it'),
  model: z.string(),
  vendor: z.string().nullable(),
  added: z.array(z.string()),
  removed: z.array(z.string()),
  features: z.array(z.string()).describe('all features that guests then have'),
  hosts: z.array(row),
})
type Row = z.infer<typeof row>

export const cpuBaseline = defineAction({
  name: 'host.cpu-baseline',
  summary: 'work out the CPU that guests can have on each of some hosts, so that they can move between them',
  effect: 'read',
  policy: 'admin',
  input: object({
    hosts: z.array(reference()).max(1000).default([]).describe('names or ids of libvirt hosts; all of them when left out'),
  }),
  output,
  async run({ hosts }, context) {
    const records = await reading(context, async (reader) =>
      hosts.length === 0
        ? (await reader.list('hosts')).filter(({ driver }) => driver === 'libvirt')
        : findEach(hosts, false, (host) => find(reader, 'hosts', host, context)),
    )
    const asked = await Promise.all(records.map((record) => ask(record, context)))
    const known = asked.filter((one) => one.cpu !== null)
    const [first] = known
    const [refused] = asked
    if (!first)
      throw new Fault(refused?.fault?.kind ?? 'not-found', refused?.fault?.message ?? 'there is no libvirt host to compare', {
        hint: refused?.fault?.hint ?? 'nova host list -c name -c driver',
      })
    const compare = (cpus: readonly string[]): Promise<CpuBaseline> =>
      context.compute.call({ ...about(first.host, context), method: 'cpuBaseline', args: { models: cpus } })
    const cpus = [...new Set(known.flatMap(({ cpu }) => cpu?.xml ?? []))]
    const baseline = await compare(cpus)
    const features = new Map<string, readonly string[]>()
    for (const cpu of cpus) features.set(cpu, cpus.length === 1 ? baseline.features : (await compare([cpu])).features)
    const has = known.map(({ host, cpu }) => ({ host, features: features.get(cpu?.xml ?? '') ?? [] }))
    const lacking = new Map(has.map(({ host }) => [host, lackedBy(host, has)]))
    return {
      guestCpu: [baseline.model, ...baseline.added.map((name) => `+${name}`), ...baseline.removed.map((name) => `-${name}`)].join(
        ',',
      ),
      model: baseline.model,
      vendor: baseline.vendor,
      added: [...baseline.added],
      removed: [...baseline.removed],
      features: [...baseline.features],
      hosts: asked.map((one) => rowOf(one, lacking.get(one.host) ?? [])),
    }
  },
})

interface Asked {
  readonly host: string
  readonly cpu: HostCpu | null
  readonly fault: Fault | null
}

const about = (host: string, { signal }: Context) => ({ host, serverId: null, epoch: 0, signal })

const ask = ({ name }: HostRecord, context: Context): Promise<Asked> =>
  context.compute.call({ ...about(name, context), method: 'hostCpu', args: undefined }).then(
    (cpu) => ({ host: name, cpu, fault: null }),
    (error: unknown) => ({ host: name, cpu: null, fault: asFault(error) }),
  )

const rowOf = ({ host, cpu, fault }: Asked, lacks: readonly string[]): Row => ({
  host,
  model: cpu?.model ?? null,
  vendor: cpu?.vendor ?? null,
  lacks: [...lacks],
  error: fault?.message ?? null,
})

interface Featured {
  readonly host: string
  readonly features: readonly string[]
}

/** What all the others have in common and this host has not; nothing for the only one. */
export function lackedBy(host: string, all: readonly Featured[]): string[] {
  const own = new Set(all.find((one) => one.host === host)?.features)
  const [first, ...rest] = all.filter((one) => one.host !== host).map(({ features }) => new Set(features))
  return [...(first ?? [])].filter((feature) => !own.has(feature) && rest.every((features) => features.has(feature)))
}
