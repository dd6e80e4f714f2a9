import { Fault } from '../../core/fault.ts'
import type { Pairs } from '../../core/schema.ts'
import type { ServerGroup } from '../../model/placement.ts'
import type { Hints } from '../../scheduler/types.ts'
import type { Reader } from '../../state/store.ts'
import type { Context } from '../context.ts'
import { find } from '../find.ts'

const known = ['group', 'same_host', 'different_host', 'build_near_host_ip', 'cidr', 'query']

/** Scheduler hints in the scheduler's words; server names in them become ids. An unknown hint is refused, not ignored. */
export async function hintsOf(reader: Reader, hints: Pairs, context: Context): Promise<Hints> {
  const unknown = hints.find(([key]) => !known.includes(key))
  if (unknown) throw new Fault('invalid', `unknown hint "${unknown[0]}"`, { hint: `known hints: ${known.join(', ')}` })
  const all = (key: string) => hints.filter(([name]) => name === key).map(([, value]) => value)
  const last = (key: string) => all(key).at(-1) ?? null
  const ids = (key: string) =>
    Promise.all(
      all(key)
        .flatMap((value) => value.split(','))
        .map((ref) => serverId(reader, ref, context)),
    )
  return {
    sameHost: await ids('same_host'),
    differentHost: await ids('different_host'),
    buildNearHostIp: last('build_near_host_ip'),
    cidr: last('cidr'),
    query: last('query'),
  }
}

const serverId = async (reader: Reader, ref: string, context: Context) => (await find(reader, 'servers', ref.trim(), context)).id

/** The server group that the hint `group` names, or null. */
export async function groupOf(reader: Reader, hints: Pairs, context: Context): Promise<ServerGroup | null> {
  const asked = hints.findLast(([key]) => key === 'group')?.[1]
  return asked === undefined ? null : find(reader, 'serverGroups', asked, context)
}
