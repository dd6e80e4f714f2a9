import { type Finding, finding } from '../../compute/preflight-finding.ts'
import { asFault } from '../../core/fault.ts'
import { object, reference, z } from '../../core/schema.ts'
import type { HostRecord } from '../../model/host.ts'
import { type Context, defineAction, reading } from '../context.ts'
import { find } from '../find.ts'
import { findEach } from '../find-each.ts'

const row = z.object({ host: z.string(), ...finding.shape })

export const check = defineAction({
  name: 'host.check',
  summary: 'check whether hosts have what servers need, and say what to change',
  effect: 'read',
  policy: 'admin',
  input: object({
    hosts: z.array(reference()).max(1000).default([]).describe('names or ids of the hosts; all when left out'),
    problems: z.boolean().default(false).describe('only what is not as it should be'),
  }),
  output: z.array(row),
  async run({ hosts, problems }, context) {
    const records = await reading(context, (reader) =>
      hosts.length === 0 ? reader.list('hosts') : findEach(hosts, false, (host) => find(reader, 'hosts', host, context)),
    )
    const rows = (await Promise.all(records.map((record) => checked(record, context)))).flat()
    return problems ? rows.filter(({ status }) => status !== 'ok') : rows
  },
})

/** One host that cannot be asked is a finding, not the end of the check. */
async function checked({ name }: HostRecord, context: Context): Promise<z.infer<typeof row>[]> {
  try {
    return (await preflightOf(name, context)).map((found) => ({ host: name, ...found }))
  } catch (error) {
    const { message, hint } = asFault(error)
    return [{ host: name, check: 'login', status: 'failed', value: message, advice: hint ?? null }]
  }
}

/** What the host has and lacks; faults are those of reaching it. */
export const preflightOf = (host: string, context: Context): Promise<Finding[]> =>
  context.compute.call({ host, method: 'preflight', args: undefined, serverId: null, epoch: 0, signal: context.signal })
