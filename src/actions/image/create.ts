import { count, name, object, pairs, reference, text, z } from '../../core/schema.ts'
import { type Image, imageFormats, imageView, viewOfImage } from '../../model/image.ts'
import { type Context, defineAction, reading } from '../context.ts'
import { bootPartId, refusePrivateUrl, refusePublic } from './find-image.ts'
import { recordImage } from './record-image.ts'
import { dropUnused, takeIn } from './stored-bytes.ts'

const input = object({
  name: name().describe('name of the image'),
  source: text(4096).describe('file, https URL or - for standard input'),
  checksum: z
    .string()
    .max(64)
    .regex(/^[0-9a-fA-F]{64}$/)
    .optional()
    .describe('SHA-256 that the bytes must have'),
  diskFormat: z.enum(imageFormats).optional().describe('format that it must be; raw also takes bytes that show none'),
  minRam: count(0, 2 ** 31 - 1)
    .default(0)
    .describe('memory in MB that a flavor must have'),
  minDisk: count(0, 2 ** 31 - 1)
    .default(0)
    .describe('disk in GB that a flavor must have'),
  properties: pairs().default([]).describe('key=value for the scheduler and the drivers'),
  visibility: z.enum(['public', 'private']).default('private').describe('who may use it'),
  protected: z.boolean().default(false).describe('refuses to be deleted'),
  kernel: reference().optional().describe('image with the kernel to boot'),
  ramdisk: reference().optional().describe('image with the ramdisk to boot'),
  allowHttp: z.boolean().default(false).describe('an http URL will do; give a checksum too'),
  allowPrivate: z.boolean().default(false).describe('the URL may lead into private networks (admin)'),
  orReuse: z.boolean().default(false).describe('take the image of that name when there is one'),
})
type Input = z.infer<typeof input>

export const create = defineAction({
  name: 'image.create',
  summary: 'create an image from a file, a URL or standard input',
  effect: 'write',
  policy: 'member',
  input,
  output: imageView,
  async run(input, context) {
    refusePublic(input.visibility, context)
    refusePrivateUrl(input.allowPrivate, context)
    const known = input.orReuse ? await ownOfName(input.name, context) : undefined
    if (known) return viewOfImage(known)
    const parts = await bootParts(input, context)
    // a plan moves no bytes: its record stays without them
    const bytes = context.plan ? null : await takeIn(input, context)
    try {
      return viewOfImage(await recordImage(input, parts, bytes, context))
    } catch (error) {
      if (bytes) await dropUnused(bytes.digest, context)
      throw error
    }
  },
})

async function ownOfName(name: string, context: Context): Promise<Image | undefined> {
  const where = { name, projectId: context.projectId, deleted: false }
  return (await reading(context, (reader) => reader.list('images', { where, limit: 1 })))[0]
}

/** Names are looked up before any byte moves. */
const bootParts = (input: Input, context: Context) =>
  reading(context, async (reader) => ({
    kernelId: await bootPartId(reader, 'kernel', input.kernel, context),
    ramdiskId: await bootPartId(reader, 'ramdisk', input.ramdisk, context),
  }))
