import { Fault } from '../../core/fault.ts'
import { name, object, reference, slug, type z } from '../../core/schema.ts'
import type { ForeignDomain } from '../../drivers/driver.ts'
import { adoptDomain } from '../../flows/adopt-domain.ts'
import type { HostRecord } from '../../model/host.ts'
import type { Server } from '../../model/server.ts'
import type { Transaction } from '../../state/store.ts'
import { type Context, defineAction, reading, writing } from '../context.ts'
import { find } from '../find.ts'
import { checkQuota } from '../quota/usage.ts'
import { finishAll } from '../server/server-flows.ts'
import { adoptedServer } from './adopted-server.ts'
import { flavorOf } from './flavor-of.ts'
import { foreignOn, pickDomain, serverOf } from './foreign.ts'
import { proof, proofOf } from './proof.ts'

const input = object({
  host: reference().describe('name or id of the host'),
  domain: reference().describe('name or UUID of the domain'),
  name: name().optional().describe("name of the server; the domain's own when left out"),
  project: slug(255).optional().describe('project that gets it; the own one when left out'),
  flavor: reference().optional().describe('a flavor of its size; else an equal one, or none'),
})
type Input = z.infer<typeof input>

export const adopt = defineAction({
  name: 'import.adopt',
  summary: 'take a domain of a host into the records without touching it',
  effect: 'write',
  policy: 'admin',
  input,
  output: proof,
  async run(input, context) {
    const host = await reading(context, (reader) => find(reader, 'hosts', input.host, context))
    const domain = pickDomain(await foreignOn(host, context), input.domain, host.name)
    const { id, flowId } = await writing(context, 'import.adopt', (tx) => accept(tx, host, domain, input, context))
    if (flowId !== null) await finishAll([flowId], context)
    return reading(context, (reader) => proofOf(reader, id))
  },
})

/** Quota, record and flow in one transaction; a domain that was adopted from this host before stays as it is. */
async function accept(
  tx: Transaction,
  host: HostRecord,
  domain: ForeignDomain,
  input: Input,
  context: Context,
): Promise<{ readonly id: string; readonly flowId: string | null }> {
  const { id } = domain
  const known = await serverOf(tx, domain)
  if (known) return { id: sameServer(known, host, domain), flowId: null }
  if (domain.obstacles.length > 0)
    throw new Fault('conflict', `domain ${domain.name} of host ${host.name} cannot be adopted: ${domain.obstacles.join('; ')}`)
  const flavor = await flavorOf(tx, domain, input.flavor, context)
  const projectId = input.project ?? context.projectId
  await checkQuota(tx, projectId, { instances: 1, cores: flavor.vcpus, ram: flavor.ram })
  const fresh = adoptedServer({ domain, host: host.name, flavor, projectId, name: input.name }, context)
  const released = await tx.get('servers', id)
  const server: Server = released
    ? await tx.update('servers', { ...fresh, generation: released.generation })
    : await tx.insert('servers', fresh)
  const flow = await context.flows.begin(tx, adoptDomain, { state: { care: null }, server, call: context })
  return { id, flowId: flow.id }
}

function sameServer(known: Server, host: HostRecord, domain: ForeignDomain): string {
  if (known.host === host.name && known.adopted !== null && known.taskState === null) return known.id
  const state = known.taskState === null ? '' : `, which is busy (${known.taskState})`
  throw new Fault(
    'conflict',
    `domain ${domain.name} of host ${host.name} has the id of server ${known.name} on host ${known.host ?? '(none)'}${state}`,
    { hint: `nova show ${known.id}` },
  )
}
