/**
 * Sends the disks of a guest that was put aside to another host: a stream each, hashed where it leaves and where it arrives.
 * Where that host sees the guest's directory, they are copied in it by the host that has them, and nothing travels.
 */
import { Fault } from '../core/fault.ts'
import type { Host } from '../hosts/host.ts'
import { asidePaths } from './aside.ts'
import type { GuestImage, GuestPlace, GuestSpec } from './driver.ts'
import type { DriverContext } from './driver-context.ts'
import { guestDirectory } from './guest-directory.ts'
import { cachedImagePath, type PlacedDisk, placedDisks } from './guest-disk.ts'
import { readGuestRecord, writeGuestRecord } from './guest-record.ts'
import { isSameDirectory } from './same-directory.ts'

/** Copies what `spec` keeps of the guest's disks, after the images below them that the other host lacks. */
export async function sendDisks(context: DriverContext, id: string, to: GuestPlace, spec: GuestSpec): Promise<void> {
  const aside = asidePaths(context, id)
  const record = await readGuestRecord(context, aside)
  if (!record) throw new Fault('not-found', `host ${context.host.name} has put no guest ${id} aside`)
  const there = guestDirectory(to, id)
  await sendImages(context, id, to, spec)
  // A sender that died left half of a disk there, under a name that nobody looks for.
  await to.host.remove(there.directory)
  await to.host.mkdir(there.directory)
  const isNear = await sees(context, id, to)
  const places = new Map(
    placedDisks(spec, isNear ? guestDirectory(context, id) : there).map((placed) => [fileName(placed), placed]),
  )
  for (const placed of placedDisks(record.spec, aside)) {
    const target = places.get(fileName(placed))
    if (!target || !isKept(placed, target)) continue
    if (isNear) await copyBeside(context.host, placed.path, target.path)
    else await copyFile(context.host, placed.path, to.host, target.path)
  }
  // The guest must not see another machine there: its record tells the one of its first boot.
  await writeGuestRecord(to, there, { ...record, spec, rescue: null })
}

/** Whether what was put aside here is seen there: on the same host, or in a directory of both. In a plan nothing is aside. */
async function sees(context: DriverContext, id: string, to: GuestPlace): Promise<boolean> {
  const { host, instancesPath } = context
  if (host.planning) return host.name === to.host.name && instancesPath === to.instancesPath
  const [here, there] = [asidePaths(context, id), asidePaths(to, id)]
  return isSameDirectory(context, { ...here, host }, { ...there, host: to.host })
}

/** Slower than any disk that guests live on. */
const bytesAMillisecond = 10_000
const startMs = 60_000

/** Shares blocks with the original where the file system can. */
async function copyBeside(host: Host, source: string, target: string): Promise<void> {
  const bytes = (await host.stat(source))?.size ?? 0
  const deadlineMs = startMs + Math.ceil(bytes / bytesAMillisecond)
  await host.run(['cp', '--reflink=auto', '--sparse=always', '--', source, target], { deadlineMs })
  await host.run(['sync', '--', target], { deadlineMs })
}

/** Copies the images below the disks of `spec` that the other host lacks, from the cache here. */
export async function sendImages(context: DriverContext, id: string, to: GuestPlace, spec: GuestSpec): Promise<void> {
  await to.host.mkdir(guestDirectory(to, id).cache)
  for (const image of imagesOf(spec)) await sendImage(context, image, to, id)
}

const fileName = ({ path }: PlacedDisk) => path.slice(path.lastIndexOf('/') + 1)

/** Swap of another size is made anew: nothing in it outlives a shutdown. */
const isKept = ({ disk }: PlacedDisk, target: PlacedDisk) => disk.role !== 'swap' || disk.bytes === target.disk.bytes

function imagesOf(spec: GuestSpec): GuestImage[] {
  const images = [...spec.disks.map(({ image }) => image), spec.kernel?.kernel ?? null, spec.kernel?.ramdisk ?? null]
  return images.filter((image) => image !== null)
}

/** An image that was deleted from the image store lives on in the cache of the host that still stands on it. */
async function sendImage(context: DriverContext, image: GuestImage, to: GuestPlace, id: string): Promise<void> {
  const target = cachedImagePath(guestDirectory(to, id), image)
  if (await to.host.stat(target)) return
  const arriving = `${target}.${id}`
  const digest = await copyFile(context.host, cachedImagePath(guestDirectory(context, id), image), to.host, arriving)
  if (!to.host.planning && digest !== image.digest) {
    await to.host.remove(arriving)
    throw new Fault(
      'conflict',
      `image ${image.id} in the cache of host ${context.host.name} is damaged: its SHA-256 is ${digest}`,
    )
  }
  await to.host.rename(arriving, target)
}

/** Copies one file between hosts and resolves with its SHA-256; `conflict` when another one arrived. */
export async function copyFile(from: Host, source: string, to: Host, target: string): Promise<string> {
  if (to.planning) return to.writeStream(target, nothing())
  const size = (await from.stat(source))?.size
  const { createHash } = await import('node:crypto')
  const hash = createHash('sha256')
  let bytes = 0
  const stream = await from.openRead(source)
  const arrived = await to.writeStream(target, hashed()).finally(() => stream.destroy())
  const left = hash.digest('hex')
  if (arrived === left && bytes === size) return left
  await to.remove(target)
  const whole = size === undefined ? 'an unknown number of' : String(size)
  throw new Fault(
    'conflict',
    `${source} of host ${from.name} arrived damaged on host ${to.name}: ${bytes} of ${whole} bytes, SHA-256 ${arrived}, it left with ${left}`,
  )

  async function* hashed(): AsyncGenerator<Uint8Array> {
    for await (const chunk of stream as AsyncIterable<Uint8Array>) {
      hash.update(chunk)
      bytes += chunk.length
      yield chunk
    }
  }
}

async function* nothing(): AsyncGenerator<Uint8Array> {}
