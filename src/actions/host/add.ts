import { Fault } from '../../core/fault.ts'
import { list, z } from '../../core/schema.ts'
import { type HostRecord, hostView } from '../../model/host.ts'
import { type Context, defineAction, reading, writing } from '../context.ts'
import { addHosts, hostFromFile } from './add-file.ts'
import { preflightOf } from './check.ts'
import { viewOfOne } from './host-use.ts'
import { type NewHost, newHost } from './new-host.ts'
import { readInventory } from './read-inventory.ts'
import { checkAddress, enabledAs, register } from './register-host.ts'

const input = newHost.extend({
  name: newHost.shape.name.optional(),
  orReuse: z.boolean().default(false).describe('take the host of that name when there is one'),
  check: z
    .enum(['never', 'failed', 'always'])
    .default('never')
    .describe('stop before it is added: when a check failed, or always'),
  hosts: list(newHost, 1000).default([]).describe('YAML file with a list of hosts; all are added, or none'),
})

export const add = defineAction({
  name: 'host.add',
  summary: 'add a host that runs servers',
  effect: 'write',
  policy: 'admin',
  input,
  output: z.union([hostView, list(hostFromFile)]),
  async run({ name, orReuse, check, hosts, ...rest }, context) {
    if (hosts.length > 0) {
      if (name !== undefined) throw new Fault('invalid', `host ${name} and a file of hosts cannot be added at once`)
      return addHosts(hosts, context)
    }
    if (name === undefined) throw new Fault('invalid', 'name is missing', { hint: 'or give a file of hosts with --file' })
    const asked: NewHost = { name, ...rest }
    checkAddress(asked)
    if (asked.acceptNew) context.acceptNewKey(name)
    const record = await writing(context, 'host.add', (tx) => register(tx, asked, orReuse, context))
    const host = record.inventory === null ? await complete(record, asked, check, context) : record
    return reading(context, (reader) => viewOfOne(reader, host, context))
  },
})

async function complete(record: HostRecord, { disabled }: NewHost, check: z.infer<typeof input>['check'], context: Context) {
  try {
    if (check !== 'never') await stopAfterCheck(record.name, check, context)
    return await readInventory(context, 'host.add', record, enabledAs(disabled))
  } catch (error) {
    await writing(context, 'host.add', (tx) => tx.remove('hosts', record.id))
    throw error
  }
}

/** `conflict` with the findings, so that who asked can look at them first; nothing was added by then. */
async function stopAfterCheck(name: string, check: 'failed' | 'always', context: Context): Promise<void> {
  const findings = await preflightOf(name, context)
  const failures = findings.filter(({ status }) => status === 'failed')
  if (failures.length === 0 && check === 'failed') return
  const [first] = failures
  const told = failures.length === 0 ? 'passes its checks' : `fails ${failures.map(({ check }) => check).join(', ')}`
  throw new Fault('conflict', `host ${name} ${told} and was not added yet`, {
    hint: first?.advice ?? 'leave out --check always',
    details: { findings },
  })
}
