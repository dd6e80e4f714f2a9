/** An image store in memory. Files and URLs are what the test put into `sources`; every content is a qcow2 of 1 GiB. */
import { createHash } from 'node:crypto'
import { Fault } from '../../src/core/fault.ts'
import type { WriteLocal } from '../../src/hosts/download.ts'
import type { ImageSource, ImageStore } from '../../src/image/store.ts'

export interface FakeImages extends ImageStore {
  readonly sources: Map<string, Uint8Array>
  /** The contents that are kept, by digest. */
  readonly kept: Map<string, Uint8Array>
  /** Takes what a host sends to a path of the controller. */
  readonly receive: WriteLocal
  /** What was saved, by target. */
  readonly saved: Map<string, Uint8Array>
}

export function fakeImages(): FakeImages {
  const sources = new Map<string, Uint8Array>()
  const kept = new Map<string, Uint8Array>()
  const saved = new Map<string, Uint8Array>()
  const read = async (source: ImageSource) => {
    if (source.kind === 'stdin') return allOf(source.stream)
    const name = source.kind === 'file' ? source.path : source.url
    const bytes = sources.get(name)
    if (bytes) return bytes
    throw new Fault('not-found', `cannot read ${name}`)
  }
  return {
    sources,
    kept,
    saved,
    path: (digest) => `/images/${digest}`,
    async receive(localPath, source) {
      const bytes = await allOf(source)
      sources.set(localPath, bytes)
      return createHash('sha256').update(bytes).digest('hex')
    },
    incoming: async (imageId) => arriving(imageId),
    async takeOver(imageId, { digest, format }) {
      const bytes = sources.get(arriving(imageId)) ?? kept.get(digest)
      if (!bytes) throw new Fault('not-found', `nothing arrived for ${imageId}`)
      sources.delete(arriving(imageId))
      kept.set(digest, bytes)
      return { digest, size: bytes.length, format, virtualSize: 1024 ** 3, description: format }
    },
    discard: async (imageId) => void sources.delete(arriving(imageId)),
    has: async (digest) => kept.has(digest),
    remove: async (digest) => void kept.delete(digest),
    async add(source, options) {
      const bytes = await read(source)
      const digest = createHash('sha256').update(bytes).digest('hex')
      if (options.expectedSha256 !== undefined && options.expectedSha256.toLowerCase() !== digest)
        throw new Fault('invalid', `SHA-256 is ${digest}, expected is ${options.expectedSha256}`)
      options.onProgress?.(bytes.length, bytes.length)
      kept.set(digest, bytes)
      const format = options.declaredFormat ?? 'qcow2'
      return { digest, size: bytes.length, format, virtualSize: 1024 ** 3, description: format }
    },
    async save(digest, target) {
      const bytes = kept.get(digest)
      if (!bytes) throw new Fault('not-found', `no image file ${digest}`)
      saved.set(target, bytes)
    },
  }
}

const arriving = (imageId: string) => `/images/incoming-${imageId}`

async function allOf(stream: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  for await (const chunk of stream) chunks.push(chunk)
  return Buffer.concat(chunks)
}
