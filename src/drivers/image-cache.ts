/** Images on the host by digest, each brought there once however many callers want it. */
import { Fault } from '../core/fault.ts'
import type { GuestImage } from './driver.ts'
import type { DriverContext } from './driver-context.ts'
import { cachedImagePath } from './guest-disk.ts'

type Progress = (done: number, total: number) => void
/** A transfer that shows no sign of life for so long has no owner any more. */
const abandonedMs = 30_000
const pollMs = 200

/** Brings the image to the host unless it is there; a digest that differs from the record's is a `conflict`. */
export async function cacheImage(
  context: DriverContext,
  image: GuestImage,
  localPath: string,
  onProgress?: Progress,
): Promise<void> {
  const { host, instancesPath } = context
  const cache = `${instancesPath}/_base`
  const target = cachedImagePath({ cache }, image)
  if (await host.stat(target)) return
  await host.mkdir(cache)
  const release = await lock(context, target)
  if (release === undefined) return
  try {
    await transfer(context, image, localPath, target, onProgress)
  } finally {
    await release()
  }
}

async function transfer({ host }: DriverContext, image: GuestImage, localPath: string, target: string, onProgress?: Progress) {
  // Seen under the lock: the one who had it before may have brought the image.
  if (await host.stat(target)) return
  const partial = `${target}.part`
  const digest = await host.upload(localPath, partial, onProgress)
  if (!host.planning && digest !== image.digest) {
    await host.remove(partial)
    throw new Fault(
      'conflict',
      `image ${image.id} arrived on host ${host.name} with SHA-256 ${digest}, its record says ${image.digest}`,
      {
        hint: 'the file of the image was changed: create the image again',
      },
    )
  }
  await host.rename(partial, target)
}

/** Takes the lock directory; undefined when another process brought the image while we waited. */
async function lock(context: DriverContext, target: string): Promise<(() => Promise<void>) | undefined> {
  const { host, clock } = context
  const directory = `${target}.lock`
  let seen = ''
  let since = clock.monotonic()
  for (;;) {
    const taken = await host.run(['mkdir', directory], { okExitCodes: [0, 1] })
    if (taken.exitCode === 0) return () => host.remove(directory)
    if (await host.stat(target)) return undefined
    const signs = await signsOfLife(context, target)
    if (signs !== seen) {
      seen = signs
      since = clock.monotonic()
    }
    if (clock.monotonic() - since > abandonedMs) await host.remove(directory)
    await clock.sleep(pollMs)
  }
}

/** Changes while somebody transfers: the partial file and its temporary names grow. */
async function signsOfLife({ host, instancesPath }: DriverContext, target: string): Promise<string> {
  const directory = `${instancesPath}/_base`
  const digest = target.slice(directory.length + 1)
  const names = (await host.readdir(directory)).filter((name) => name.includes(`${digest}.part`))
  const sizes = await Promise.all(names.map(async (name) => `${name} ${(await host.stat(`${directory}/${name}`))?.size}`))
  return sizes.join('\n')
}
