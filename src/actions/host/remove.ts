import { Fault } from '../../core/fault.ts'
import { object, z } from '../../core/schema.ts'
import { type HostRecord, hostView } from '../../model/host.ts'
import type { Transaction } from '../../state/store.ts'
import { defineAction, writing } from '../context.ts'
import { countOf } from '../count-of.ts'
import { find } from '../find.ts'
import { findEach, ifExists, references } from '../find-each.ts'
import { serversOn, viewsOfHosts } from './host-use.ts'

export const remove = defineAction({
  name: 'host.remove',
  summary: 'forget hosts that have no servers',
  effect: 'destroy',
  policy: 'admin',
  input: object({ hosts: references('hosts'), ifExists: ifExists() }),
  output: z.array(hostView),
  run: (input, context) =>
    writing(context, 'host.remove', async (tx) => {
      const hosts = await findEach(input.hosts, input.ifExists, (host) => find(tx, 'hosts', host, context))
      const views = await viewsOfHosts(tx, hosts, context)
      for (const host of hosts) await forget(tx, host)
      return views
    }),
})

async function forget(tx: Transaction, { id, name }: HostRecord) {
  await refuseWithServers(tx, name)
  for (const aggregate of await tx.list('aggregates'))
    if (aggregate.hosts.includes(name))
      await tx.update('aggregates', { ...aggregate, hosts: aggregate.hosts.filter((host) => host !== name) })
  await tx.remove('hosts', id)
}

/** Throws `conflict` when servers are on it. */
export async function refuseWithServers(tx: Transaction, name: string): Promise<void> {
  const servers = await serversOn(tx, name)
  if (servers.length > 0) {
    const names = servers.slice(0, 5).map((server) => server.name)
    const more = servers.length > names.length ? ', …' : ''
    throw new Fault('conflict', `host ${name} still has ${countOf(servers.length, 'server')}: ${names.join(', ')}${more}`, {
      hint: 'delete them first',
    })
  }
}
