/** What a server that exists needs of a host, in the scheduler's words. */
import { claimedDisk } from '../../compute/guest-spec.ts'
import type { FlavorCopy } from '../../model/flavor.ts'
import type { Server } from '../../model/server.ts'
import type { PlacementRequest } from '../../scheduler/types.ts'
import type { Reader } from '../../state/store.ts'
import type { Context } from '../context.ts'
import { hintsOf } from './hints.ts'

/** How it differs from the request of its boot. */
export interface Otherwise {
  readonly flavor?: FlavorCopy
  /** Only this host; the filters still run. */
  readonly host?: string | undefined
  /** Hosts that are not asked again. */
  readonly tried?: readonly string[]
}

/** The request of its boot as it is today. */
export async function placementRequest(
  reader: Reader,
  server: Server,
  context: Context,
  { flavor = server.flavor, host, tried = [] }: Otherwise = {},
): Promise<PlacementRequest> {
  const image = server.imageId === null ? undefined : await reader.get('images', server.imageId)
  return {
    serverId: server.id,
    serverName: server.name,
    projectId: server.projectId,
    flavor,
    image: image
      ? { id: image.id, name: image.name, minRam: image.minRam, minDisk: image.minDisk, properties: image.properties }
      : null,
    diskGb: claimedDisk(flavor, image ?? null, server.disks),
    availabilityZone: server.availabilityZone,
    forcedHost: host ?? null,
    hints: await hintsOf(reader, await livingHints(reader, server), context),
    group: server.groupId === null ? null : ((await reader.get('serverGroups', server.groupId)) ?? null),
    triedHosts: tried,
  }
}

/** The hints of its boot without servers that are gone by now: they bind nobody any more. */
async function livingHints(reader: Reader, server: Server): Promise<[string, string][]> {
  const kept: [string, string][] = []
  for (const [key, value] of server.hints) {
    if (key === 'group') continue
    if (!['same_host', 'different_host'].includes(key)) kept.push([key, value])
    for (const word of ['same_host', 'different_host'].includes(key) ? value.split(',') : []) {
      const reference = word.trim()
      const named = await reader.list('servers', { where: { name: reference, deleted: false }, limit: 1 })
      const byId = await reader.get('servers', reference)
      if (named.length > 0 || byId?.deleted === false) kept.push([key, reference])
    }
  }
  return kept
}
