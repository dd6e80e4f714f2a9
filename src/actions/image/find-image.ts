/** The image that a name or id means, for those who may change it. */
import { Fault } from '../../core/fault.ts'
import { holds } from '../../core/perform.ts'
import type { Image } from '../../model/image.ts'
import type { Reader } from '../../state/store.ts'
import type { Context } from '../context.ts'
import { find } from '../find.ts'

/** `forbidden` for a public image of another project: it may be used, not changed. */
export async function findOwnImage(reader: Reader, reference: string, context: Context): Promise<Image> {
  const image = await find(reader, 'images', reference, context)
  if (image.projectId === context.projectId || holds(context, 'admin')) return image
  throw new Fault('forbidden', `image "${image.name}" belongs to another project`)
}

/** `forbidden` when somebody else than an admin would make an image public. */
export function refusePublic(visibility: string | undefined, context: Context): void {
  if (visibility !== 'public' || holds(context, 'admin')) return
  throw new Fault('forbidden', 'only an admin may make an image public', { hint: 'leave --visibility public out' })
}

/** The id of the kernel or ramdisk image that was named, or null; `invalid` when its content is something else. */
export async function bootPartId(
  reader: Reader,
  part: 'kernel' | 'ramdisk',
  reference: string | undefined,
  context: Context,
): Promise<string | null> {
  if (reference === undefined) return null
  const image = await find(reader, 'images', reference, context)
  if (image.format === part) return image.id
  throw new Fault('invalid', `image "${image.name}" is ${image.format ?? 'not there yet'}, not a ${part}`)
}

/** `forbidden` when somebody else than an admin lets the controller fetch from private networks. */
export function refusePrivateUrl(allowPrivate: boolean, context: Context): void {
  if (allowPrivate && !holds(context, 'admin')) throw new Fault('forbidden', 'only an admin may fetch from private networks')
}
