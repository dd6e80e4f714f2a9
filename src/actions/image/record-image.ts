/** Writes the record of an image whose bytes are in the store. */
import { Fault } from '../../core/fault.ts'
import type { Pairs } from '../../core/schema.ts'
import { iso } from '../../core/time.ts'
import type { ReceivedImage } from '../../image/store.ts'
import type { Image } from '../../model/image.ts'
import { withPairs } from '../../model/pairs.ts'
import { type Context, writing } from '../context.ts'

type Parts = Pick<Image, 'kernelId' | 'ramdiskId'>
/** What the caller says of it. */
type Described = Pick<Image, 'name' | 'visibility' | 'minRam' | 'minDisk' | 'protected'> & { readonly properties: Pairs }

/** The new record; queued without bytes, as in a plan. `conflict` when the bytes went with another image just now. */
export async function recordImage(input: Described, parts: Parts, bytes: ReceivedImage | null, context: Context): Promise<Image> {
  const at = iso(context.clock.wall())
  const image = await writing(context, 'image.create', (tx) =>
    tx.insert('images', {
      id: context.random.uuid(),
      projectId: context.projectId,
      name: input.name,
      status: bytes ? 'active' : 'queued',
      visibility: input.visibility,
      format: bytes?.format ?? null,
      size: bytes?.size ?? null,
      virtualSize: bytes?.virtualSize ?? null,
      checksum: bytes?.digest ?? null,
      minRam: input.minRam,
      minDisk: input.minDisk,
      ...parts,
      properties: withPairs([], input.properties, `image "${input.name}"`),
      protected: input.protected,
      deleted: false,
      createdAt: at,
      updatedAt: at,
    }),
  )
  if (bytes) await refuseLostBytes(image, bytes.digest, context)
  return image
}

/** The last image of the same content may have been deleted, with its bytes, between their arrival and this record. */
async function refuseLostBytes(image: Image, digest: string, context: Context): Promise<void> {
  if (await context.images.has(digest)) return
  await writing(context, 'image.create', (tx) => tx.remove('images', image.id))
  throw new Fault('conflict', `the bytes of image "${image.name}" were deleted with another image of the same content`, {
    hint: 'run the command again',
  })
}
