/** What a server that exists needs of a host, in the scheduler's words: for those who ask about a move before it is begun. */
import { claimedDisk } from '../../compute/guest-spec.ts'
import type { Server } from '../../model/server.ts'
import type { PlacementRequest } from '../../scheduler/types.ts'
import type { Reader } from '../../state/store.ts'
import type { Context } from '../context.ts'
import { hintsOf } from './hints.ts'

/** The request of its boot as it is today; a `not-found` fault when its hints name a server that is gone. */
export async function placementRequest(reader: Reader, server: Server, context: Context): Promise<PlacementRequest> {
  const image = server.imageId === null ? undefined : await reader.get('images', server.imageId)
  const hints = server.hints.filter(([key]) => key !== 'group')
  return {
    serverId: server.id,
    serverName: server.name,
    projectId: server.projectId,
    flavor: server.flavor,
    image: image
      ? { id: image.id, name: image.name, minRam: image.minRam, minDisk: image.minDisk, properties: image.properties }
      : null,
    diskGb: claimedDisk(server.flavor, image ?? null),
    availabilityZone: server.availabilityZone,
    forcedHost: null,
    hints: await hintsOf(reader, hints, context),
    group: server.groupId === null ? null : ((await reader.get('serverGroups', server.groupId)) ?? null),
    triedHosts: [],
  }
}
