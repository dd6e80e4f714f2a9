/** The servers in a group: their records name it, the group keeps no list. */
import type { Reader } from '../../state/store.ts'

export async function membersOf(reader: Reader, groupId: string): Promise<string[]> {
  const servers = await reader.list('servers', { where: { groupId, deleted: false } })
  return servers.map((server) => server.id)
}
