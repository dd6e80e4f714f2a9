import { z } from '../core/schema.ts'

export const imageFormats = ['raw', 'qcow2', 'iso', 'kernel', 'ramdisk'] as const
export type ImageFormat = (typeof imageFormats)[number]

export const imageRecord = z.object({
  id: z.string(),
  generation: z.int(),
  projectId: z.string(),
  name: z.string(),
  status: z.enum(['queued', 'saving', 'active', 'deleted', 'error']),
  visibility: z.enum(['public', 'private']),
  /** Found by looking at the content, never at the name. */
  format: z.enum(imageFormats).nullable(),
  /** Bytes of the file. */
  size: z.int().nullable(),
  /** Bytes of the disk that a guest sees. */
  virtualSize: z.int().nullable(),
  /** SHA-256, hex. */
  checksum: z.string().nullable(),
  /** MiB. */
  minRam: z.int(),
  /** GiB. */
  minDisk: z.int(),
  kernelId: z.string().nullable(),
  ramdiskId: z.string().nullable(),
  properties: z.array(z.tuple([z.string(), z.string()])),
  protected: z.boolean(),
  deleted: z.boolean(),
  createdAt: z.string(),
  updatedAt: z.string(),
})
export type Image = z.infer<typeof imageRecord>

/** An image as callers see it: properties as an object. */
export const imageView = imageRecord
  .omit({ generation: true, deleted: true, properties: true })
  .extend({ properties: z.unknown().describe('properties as an object of text') })
export type ImageView = z.infer<typeof imageView>

export function viewOfImage({ generation: _, deleted: __, properties, ...rest }: Image): ImageView {
  return { ...rest, properties: Object.fromEntries(properties) }
}
