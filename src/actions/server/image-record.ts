/** The record of an image that is made of a server; its bytes come later. */
import { Fault } from '../../core/fault.ts'
import type { Pairs } from '../../core/schema.ts'
import { iso } from '../../core/time.ts'
import { rootImageOf } from '../../flows/guest-steps.ts'
import type { Image } from '../../model/image.ts'
import { withPairs } from '../../model/pairs.ts'
import type { Server } from '../../model/server.ts'
import type { Transaction } from '../../state/store.ts'
import type { Context } from '../context.ts'

export interface ImageOrder {
  readonly name: string
  /** What it is for, as Nova says it in `image_type`. */
  readonly type: 'snapshot' | 'backup'
  readonly properties?: Pairs
}

const own = ['image_type', 'instance_uuid', 'base_image_ref', 'backup_type']

/** It inherits what the image below the server's disk says, and belongs to the server's project alone. */
export async function insertImage(tx: Transaction, server: Server, order: ImageOrder, context: Context): Promise<Image> {
  if (server.host === null) throw new Fault('conflict', `server ${server.name} has no host: there is no disk to make an image of`)
  const base = await rootImageOf(tx, server)
  const inherited = (base?.properties ?? []).filter(([key]) => !own.includes(key))
  const about: Pairs = [
    ['image_type', order.type],
    ['instance_uuid', server.id],
    ...(server.imageId === null ? [] : [['base_image_ref', server.imageId] as const]),
    ...(order.properties ?? []),
  ]
  const at = iso(context.clock.wall())
  return tx.insert('images', {
    id: context.random.uuid(),
    projectId: server.projectId,
    name: order.name,
    status: 'queued',
    visibility: 'private',
    format: null,
    size: null,
    virtualSize: null,
    checksum: null,
    minRam: base?.minRam ?? 0,
    minDisk: base?.minDisk ?? 0,
    // A server that was booted from a kernel boots from that again.
    kernelId: base?.format === 'kernel' ? base.id : (base?.kernelId ?? null),
    ramdiskId: base?.ramdiskId ?? null,
    properties: withPairs(inherited, about, `image "${order.name}"`),
    protected: false,
    deleted: false,
    createdAt: at,
    updatedAt: at,
  })
}
