/** The bytes behind image records go with the last record that needs them. */
import type { ImageStore } from '../image/store.ts'
import type { Image } from '../model/image.ts'
import type { Authorship, Store, Transaction } from '../state/store.ts'

interface Places {
  readonly store: Store
  readonly images: ImageStore
}

/** Removes the bytes of a content that no image needs any more. */
export async function dropUnusedBytes({ store, images }: Places, digest: string, author: Authorship): Promise<void> {
  const where = { checksum: digest, deleted: false }
  if ((await store.read((reader) => reader.count('images', { where }))) > 0) return
  await images.remove(digest)
  // An image of that content recorded just now has lost its bytes: it must not look complete.
  const late = await store.read((reader) => reader.list('images', { where }))
  if (late.length === 0 || (await images.has(digest))) return
  await store.transaction(author, async (tx) => {
    for (const image of await tx.list('images', { where })) await tx.update('images', { ...image, status: 'error' })
  })
}

/** Marks an image as deleted, unless somebody protected it; its record stays for whatever names it. */
export async function retireImage(tx: Transaction, id: string, at: string): Promise<void> {
  const image: Image | undefined = await tx.get('images', id)
  if (image && !image.deleted && !image.protected)
    await tx.update('images', { ...image, status: 'deleted', deleted: true, updatedAt: at })
}
