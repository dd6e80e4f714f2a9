/** Images on the host by digest, each brought there once however many callers want it. */
import { Fault } from '../core/fault.ts'
import type { GuestImage, ImageFile, RemovedImage } from './driver.ts'
import type { DriverContext } from './driver-context.ts'
import { cachedImagePath } from './guest-disk.ts'

type Progress = (done: number, total: number) => void
/** A transfer that shows no sign of life for so long has no owner any more. */
const abandonedMs = 30_000
const pollMs = 200
/** How exact the time of the last use is; a round trip less for every other boot. */
const touchedMs = 600_000

/** Brings the image to the host unless it is there; a digest that differs from the record's is a `conflict`. */
export async function cacheImage(
  context: DriverContext,
  image: GuestImage,
  file: ImageFile,
  onProgress?: Progress,
): Promise<void> {
  const { host, instancesPath } = context
  const cache = `${instancesPath}/_base`
  const target = cachedImagePath({ cache }, image)
  const known = await host.stat(target)
  if (known) {
    // Its time says when it was last wanted: a cleaner keeps what is about to be used.
    if (context.clock.wall() - known.modifiedAt > touchedMs) await host.run(['touch', '-c', '--', target])
    return
  }
  // Before the lock: nothing of it would be seen on the host, whose lock would be taken for abandoned.
  const localPath = typeof file === 'string' ? file : await file()
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

/**
 * Parameters: instances directory, minutes, digests. Removes each image that nobody wanted for so long and nothing here names,
 * under the lock of its transfer; prints what went and its bytes.
 */
const removeScript = `set -u
cd -- "$1" && [ -d _base ] || exit 0
root=$1 minutes=$2
shift 2
is_used() {
  grep -qsF -- "$1" */guest.json */domain.xml .lost/*/guest.json && return
  printf '%s' "$root/_base/$1" | grep -qsaF -f - /proc/[0-9]*/cmdline && return
  for disk in */disk* .lost/*/disk*; do
    [ ! -f "$disk" ] || ! head -c 4096 -- "$disk" | grep -qaF -- "$1" || return 0
  done
  return 1
}
for digest; do
  file=_base/$digest
  mkdir "$file.lock" 2>/dev/null || continue
  if [ -n "$(find "$file" -maxdepth 0 -type f -mmin "+$minutes" 2>/dev/null)" ] && ! is_used "$digest"; then
    bytes=$(stat -c %s -- "$file") && rm -f -- "$file" && printf '%s %s\\n' "$digest" "$bytes"
  fi
  rmdir "$file.lock"
done
exit 0
`
/** Looking through the disks of a full host takes its time. */
const removeDeadlineMs = 300_000

/** Removes cached images that no guest needs, looked at on the host in the same script; resolves with those that went. */
export async function removeCached(
  { host, instancesPath }: DriverContext,
  digests: readonly string[],
  unusedForSeconds: number,
): Promise<RemovedImage[]> {
  const wrong = digests.find((digest) => !/^[0-9a-f]{64}$/.test(digest))
  if (wrong !== undefined) throw new Fault('invalid', `${JSON.stringify(wrong.slice(0, 80))} is no digest`)
  // find counts whole minutes that have passed, and wants more than that many.
  const minutes = String(Math.max(0, Math.ceil(unusedForSeconds / 60) - 1))
  const argv = ['sh', '-c', removeScript, 'remove', instancesPath, minutes, ...digests]
  const { stdout } = await host.run(argv, { deadlineMs: removeDeadlineMs })
  return [...stdout.matchAll(/^([0-9a-f]{64}) (\d+)$/gm)].map(([, digest = '', bytes]) => ({ digest, bytes: Number(bytes) }))
}
