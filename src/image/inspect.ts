/**
 * The only door for bytes of users: what an image is, found by its content alone and without any tool, before qemu-img,
 * QEMU or a guest sees it. What it answers is stored and named on every later use.
 */
import { Fault } from '../core/fault.ts'
import type { ImageFormat } from '../model/image.ts'
import { isIso, isoFlaw, kernelKind, ramdiskKind } from './boot-formats.ts'
import { type Bytes, bytesOf } from './bytes.ts'
import { foreignFormats, otherKind } from './foreign-formats.ts'
import { isQcow, qcow2Header } from './qcow2.ts'
import { rawSignatures } from './raw-signatures.ts'

/** Bytes of an image's start that show everything; fewer only when the file has no more. */
export const inspectedBytes = 256 * 1024
/** Bytes of its end that may hold a footer. */
export const inspectedTailBytes = 512
const leastHead = 64 * 1024
/** 64 TiB. */
const maxVirtualSize = 64 * 1024 ** 4

export interface InspectOptions {
  /** The last bytes of the file, where some formats keep their header. */
  readonly tail?: Uint8Array
  /** The user's word; `raw` takes bytes that show nothing, never those of another disk format. */
  readonly declared?: ImageFormat
}

export interface ImageFacts {
  readonly format: ImageFormat
  /** Bytes of the disk that a guest sees. */
  readonly virtualSize: number
  /** For a person, e.g. `qcow2 version 3, clusters of 65536 bytes`. */
  readonly description: string
}

/** What the image is. Fault `invalid` with the reason for everything else. */
export function inspectImage(head: Uint8Array, size: number, options: InspectOptions = {}): ImageFacts {
  if (size === 0) throw refusal('it is empty')
  if (head.length < Math.min(size, leastHead))
    throw new Fault('internal', `${head.length} bytes are too few to inspect an image by`)
  if (size > maxVirtualSize) throw refusal(`it has ${size} bytes; the most is ${maxVirtualSize}`)
  const start = bytesOf(head)
  const { declared } = options
  const foreign = foreignFormats(start, bytesOf(options.tail ?? (head.length >= size ? head : new Uint8Array(0))))
  const facts = declared === 'raw' ? asDeclaredRaw(start, size, foreign) : detected(start, size, foreign)
  if (declared === undefined || facts.format === declared || isPackedKernel(declared, facts))
    return { ...facts, format: declared ?? facts.format }
  throw refusal(`it is declared as ${declared}, its content is ${facts.description}`)
}

const refusal = (reason: string, hint?: string) => new Fault('invalid', `not an image that can be used: ${reason}`, { hint })

/** Some architectures pack a whole kernel with gzip. */
const isPackedKernel = (declared: ImageFormat, facts: ImageFacts) => declared === 'kernel' && facts.description === 'gzip ramdisk'

function refuseForeign(foreign: readonly string[]): void {
  const [name] = foreign
  if (name === undefined) return
  const hint = name === 'LUKS' ? 'give the image unencrypted' : 'convert it on your own machine: qemu-img convert -O qcow2'
  throw refusal(`its format is ${foreign.join(' and ')}, which is not taken`, hint)
}

function asDeclaredRaw(head: Bytes, size: number, foreign: readonly string[]): ImageFacts {
  refuseForeign(foreign)
  if (isQcow(head)) throw refusal('it is declared as raw, its content is qcow2')
  return { format: 'raw', virtualSize: size, description: 'raw disk, as declared' }
}

function detected(head: Bytes, size: number, foreign: readonly string[]): ImageFacts {
  const kernel = kernelKind(head)
  const ramdisk = ramdiskKind(head)
  const names = [
    ...foreign,
    ...(isQcow(head) ? ['qcow2'] : []),
    ...(isIso(head) ? ['iso'] : []),
    ...(kernel === undefined ? [] : ['kernel']),
    ...(ramdisk === undefined ? [] : ['ramdisk']),
  ]
  const raw = rawSignatures(head, size)
  // Boot code and a partition table are at home in hybrid ISOs and kernels, and nowhere else.
  const isHybrid = names.includes('iso') || names.includes('kernel')
  const conflicting =
    names.length === 0 ? [] : raw.filter(({ isPartitionTable }) => !(isHybrid && isPartitionTable)).map(({ name }) => name)
  const all = [...names, ...conflicting]
  if (all.length > 1) throw refusal(`it is ${all.join(' and ')} at once`)
  refuseForeign(foreign)
  if (names[0] === 'qcow2') return qcow2Facts(head, size)
  if (names[0] === 'iso') return isoFacts(head, size)
  if (kernel !== undefined) return { format: 'kernel', virtualSize: size, description: `${kernel} kernel` }
  if (ramdisk !== undefined) return { format: 'ramdisk', virtualSize: size, description: `${ramdisk} ramdisk` }
  return rawFacts(head, size, raw)
}

function qcow2Facts(head: Bytes, size: number): ImageFacts {
  const header = qcow2Header(head, size, maxVirtualSize)
  if (typeof header === 'string') throw refusal(header)
  const { version, clusterSize, virtualSize } = header
  return { format: 'qcow2', virtualSize, description: `qcow2 version ${version}, clusters of ${clusterSize} bytes` }
}

function isoFacts(head: Bytes, size: number): ImageFacts {
  const flaw = isoFlaw(head, size)
  if (flaw !== undefined) throw refusal(flaw)
  return { format: 'iso', virtualSize: size, description: 'ISO image' }
}

function rawFacts(head: Bytes, size: number, signatures: ReturnType<typeof rawSignatures>): ImageFacts {
  const flaw = signatures.find((signature) => signature.flaw !== undefined)?.flaw
  if (flaw !== undefined) throw refusal(flaw)
  if (signatures.length > 0) {
    return { format: 'raw', virtualSize: size, description: `raw disk (${signatures.map(({ name }) => name).join(', ')})` }
  }
  const kind = otherKind(head)
  const reason = kind === undefined ? 'no partition table, file system or known format is in it' : `it is ${kind}`
  throw refusal(reason, 'use --disk-format raw to import it as a disk all the same')
}
