/**
 * Images where services have no directory together: what this one lacks comes from one that has it and is kept as a copy, and
 * what nobody needs any more goes everywhere. Where they do have one directory, everything is here and nothing travels.
 */
import { asFault } from '../core/fault.ts'
import { type ImagePeers, patienceMs } from './image-peers.ts'
import type { OwnFiles, WantedBytes } from './parts.ts'
import { streamOf } from './source.ts'
import type { Arrived, ImageFiles, ImageStore } from './store.ts'

type Progress = (done: number, total: number) => void

export interface ImageExchange {
  /** The store as actions and flows see it: what another service has is there. `has` is `unreachable` when that cannot be said. */
  readonly store: ImageStore
  /** A file with the bytes of the digest on this machine. Faults: `not-found`, `unreachable`, `conflict` for damaged bytes. */
  file(digest: string, onProgress?: Progress): Promise<string>
  /** Removes a copy that turned out to be damaged; false when there is none. */
  forget(digest: string): Promise<boolean>
  /** Removes copies that nobody wanted for long. */
  prune(): Promise<void>
}

export interface ExchangeOptions extends OwnFiles {
  readonly peers: ImagePeers
  /** The other services that may have images. */
  others(): Promise<readonly string[]>
  /** Seconds after which a copy that nobody wanted goes. */
  unusedForSeconds(): number
  readonly note: (message: string) => void
}

interface Fetch {
  readonly of: WantedBytes
  readonly digest: string
  readonly into: ImageFiles
  readonly services: () => Promise<readonly string[]>
  readonly onProgress?: Progress
}

export function imageExchange({ images, copies, peers, others, unusedForSeconds, note }: ExchangeOptions): ImageExchange {
  const coming = new Map<string, { readonly arrived: Promise<void>; readonly listeners: Set<Progress> }>()

  /** Bytes that arrive damaged are fetched once more, from another holder when there is one. */
  async function fetch({ of, digest, into, services, onProgress = () => undefined }: Fetch): Promise<void> {
    const what = 'imageId' in of ? `what arrived of image ${of.imageId}` : `the file of image ${digest}`
    const [first, second = first] = await peers.locate(of, { what, services }, patienceMs)
    const take = async (from = first) => {
      if (!from) return
      const stream = await streamOf(peers.read(of, { what, from, services, onProgress }))
      await into.bring({ source: { name: `${what} from ${from.service}`, size: from.size, stream }, digest, ...of })
    }
    await take().catch((error: unknown) => {
      const fault = asFault(error)
      if (fault.kind !== 'conflict') throw fault
      note(`${fault.message}; once more`)
      return take(second)
    })
  }

  /** One for all who want the same bytes at once. */
  async function copied(digest: string, onProgress: Progress | undefined): Promise<void> {
    const known = coming.get(digest)
    const listeners = known?.listeners ?? new Set()
    if (onProgress) listeners.add(onProgress)
    if (known) return known.arrived
    const tell: Progress = (done, total) => {
      for (const listener of listeners) listener(done, total)
    }
    const arrived = prune()
      .then(() => fetch({ of: { digest }, digest, into: copies, services: others, onProgress: tell }))
      .finally(() => coming.delete(digest))
    coming.set(digest, { arrived, listeners })
    return arrived
  }

  const prune = () => copies.prune(unusedForSeconds())

  async function file(digest: string, onProgress?: Progress): Promise<string> {
    if (await images.has(digest)) return images.path(digest)
    if (await copies.has(digest)) await copies.touch(digest)
    else await copied(digest, onProgress)
    return copies.path(digest)
  }

  /** What a host sent to the service `from` comes here first. */
  async function arrive(imageId: string, { digest, from }: Arrived): Promise<void> {
    if (from === undefined || (await images.hasArrived(imageId)) || (await images.has(digest))) return
    await fetch({ of: { imageId }, digest, into: images, services: async () => [from] })
    await letGo(imageId, from)
  }

  async function letGo(imageId: string, from: string): Promise<void> {
    const [silent] = await peers.drop({ imageId }, [from])
    if (silent !== undefined) note(`${silent} keeps what arrived of image ${imageId} for a day`)
  }

  const store: ImageStore = {
    ...images,
    async has(digest) {
      if ((await images.has(digest)) || (await copies.has(digest))) return true
      const wanted = { what: `the file of image ${digest}`, services: others }
      return peers.locate({ digest }, wanted, 0).then(
        () => true,
        (error: unknown) => {
          if (asFault(error).kind === 'not-found') return false
          throw error
        },
      )
    },
    async remove(digest) {
      await Promise.all([images.remove(digest), copies.remove(digest)])
      const untold = await peers.drop({ digest }, await others())
      if (untold.length > 0) note(`${untold.join(', ')} may still have image file ${digest}, which nobody needs`)
    },
    async takeOver(imageId, arrived) {
      await arrive(imageId, arrived)
      return images.takeOver(imageId, arrived)
    },
    async discard(imageId, from) {
      await images.discard(imageId)
      if (from !== undefined) await letGo(imageId, from)
    },
    async save(digest, target, output) {
      const isHere = (await file(digest)) === images.path(digest)
      await (isHere ? images : copies).save(digest, target, output)
    },
  }
  return {
    store,
    file,
    prune,
    async forget(digest) {
      if ((await images.has(digest)) || !(await copies.has(digest))) return false
      await copies.remove(digest)
      return true
    },
  }
}
