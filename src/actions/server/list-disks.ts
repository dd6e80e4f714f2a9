import { extraDisk, flavorDisks } from '../../compute/guest-spec.ts'
import { object, reference, z } from '../../core/schema.ts'
import { type PlacedDisk, placedDisks, serialOf } from '../../drivers/guest-disk.ts'
import { rootImageOf } from '../../flows/guest-steps.ts'
import { serverOf } from '../../flows/server-steps.ts'
import { type DiskView, diskView } from '../../model/disk-view.ts'
import { adoptedFault } from '../../model/guards.ts'
import type { ExtraDisk } from '../../model/server.ts'
import type { Reader } from '../../state/store.ts'
import { defineAction, reading } from '../context.ts'
import { find } from '../find.ts'

export const listDisks = defineAction({
  name: 'server.list-disks',
  summary: "list a server's disks: those of its flavor and those that it got since",
  effect: 'read',
  policy: 'reader',
  input: object({ server: reference().describe('name or id of the server') }),
  output: z.array(diskView),
  run: (input, context) =>
    reading(context, async (reader) => {
      const server = await find(reader, 'servers', input.server, context)
      if (server.adopted !== null) throw adoptedFault('list-disks', server)
      return diskViews(reader, server.id)
    }),
})

/** Every disk of a server that nova made, in the order of its guest. */
export async function diskViews(reader: Reader, id: string): Promise<DiskView[]> {
  const server = await serverOf(reader, id)
  const image = (await rootImageOf(reader, server)) ?? null
  const disks = [...flavorDisks(server, image), ...server.disks.map(extraDisk)]
  const placed = placedDisks({ disks }, { directory: '', cache: '' })
  return placed.map((disk) =>
    viewOf(
      server.name,
      disk,
      server.disks.find(({ serial }) => serial === disk.disk.serial),
    ),
  )
}

function viewOf(server: string, placed: PlacedDisk, extra: ExtraDisk | undefined): DiskView {
  const { disk, format, node } = placed
  const serial = serialOf(placed)
  return {
    server,
    role: disk.role === 'rescue' ? 'root' : disk.role,
    name: extra?.name ?? node,
    id: extra?.id ?? null,
    bytes: disk.bytes > 0 ? disk.bytes : (disk.image?.virtualSize ?? null),
    format,
    serial,
    // udev makes this name of the serial; names such as vdb depend on the order in which a guest finds its disks.
    device: disk.bus === 'virtio' ? `/dev/disk/by-id/virtio-${serial}` : null,
    attachedAt: extra?.attachedAt ?? null,
  }
}
