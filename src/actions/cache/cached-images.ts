/** The images in the cache of one host, from a survey and the records. */
import { iso } from '../../core/time.ts'
import type { Survey } from '../../drivers/driver.ts'
import type { Image } from '../../model/image.ts'
import { usersOf } from '../doctor/judge-disks.ts'

export interface CachedImage {
  readonly host: string
  readonly digest: string
  /** The newest image of that content, also a deleted one; null when no record knows it. */
  readonly image: string | null
  readonly bytes: number
  /** Directories of the guests that need it. */
  readonly users: readonly string[]
  /** When a boot wanted it last, by the host's clock. */
  readonly lastUsedAt: string
  /** Seconds since then, by the host's clock. */
  readonly unusedSeconds: number
}

/** Every whole image, largest first. */
export function cachedImages(host: string, survey: Survey, images: readonly Image[]): CachedImage[] {
  const users = usersOf(survey)
  const names = new Map(images.flatMap(({ checksum, name }) => (checksum === null ? [] : [[checksum, name] as const])))
  return survey.entries
    .flatMap(({ path, bytes, modifiedAt }) => {
      const digest = /^_base\/([0-9a-f]{64})$/.exec(path)?.[1]
      if (digest === undefined) return []
      const unusedSeconds = Math.max(0, Math.floor((survey.at - modifiedAt) / 1000))
      const image = names.get(digest) ?? null
      return [
        { host, digest, image, bytes, users: [...(users.get(digest) ?? [])].sort(), lastUsedAt: iso(modifiedAt), unusedSeconds },
      ]
    })
    .sort((a, b) => b.bytes - a.bytes || (a.digest < b.digest ? -1 : 1))
}
