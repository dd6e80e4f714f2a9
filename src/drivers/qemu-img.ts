/**
 * The one owner of qemu-img. Every command names the formats of what it opens, so that nothing a guest wrote into a disk
 * is ever believed; paths are absolute, so that no name is taken for a protocol; limits end what a hostile header starts,
 * and walls keep it from the network and from everything of the host that is not a file.
 */
import { Fault } from '../core/fault.ts'
import { missingProgram } from '../hosts/command-fault.ts'
import type { Host } from '../hosts/host.ts'

/**
 * Runs the words after it as nearly alone as the host allows: lower in priority, in an empty network, without privileges
 * that can be had back. Root keeps the one capability that it needs to read the disks of QEMU's user; a user has none to
 * lose. Where namespaces or capabilities cannot be changed (containers, hardened kernels) the next best is taken.
 */
const walls = [
  "own='setpriv --no-new-privs'",
  'caps="$own --inh-caps=-all --bounding-set=-all,+dac_override"',
  'if [ "$(id -u)" = 0 ]; then set -- "unshare -n $caps" "$caps" "$@"; else set -- "unshare -rn $own" "$own" "$@"; fi',
  'first=$1 second=$2; shift 2',
  'for walls in "$first" "$second" ""; do $walls true 2>/dev/null && break; done',
  'exec nice -n 5 $walls "$@"',
].join('; ')

/** The formats that a disk of ours may have. */
export type DiskFormat = 'raw' | 'qcow2'

const addressSpace = 1024 ** 3
const cpuSeconds = 30
const deadlineMs = 60_000
/** Bytes that the tables of the largest disk fit into many times. */
const tableBytes = 256 * 1024 ** 2
/** A disk of one byte more is no disk that anybody has. */
const largestDisk = 64 * 1024 ** 4

/** A qcow2 file that reads through to `backing`; `bytes` 0 takes the size of the backing file. */
export interface Overlay {
  readonly backing: string
  readonly backingFormat: DiskFormat
  readonly target: string
  readonly bytes: number
}

/** What qemu-img says of a disk; `actualBytes` is what it takes on the host. */
export interface DiskInfo {
  readonly virtualBytes: number
  readonly actualBytes: number
  readonly backing: string | null
}

export interface Conversion {
  readonly source: string
  readonly sourceFormat: DiskFormat
  readonly target: string
  readonly targetFormat: DiskFormat
  readonly compress?: boolean
  readonly signal?: AbortSignal
}

/** Makes a qcow2 overlay (mode 0600), over an older one too. */
export async function createOverlay(host: Host, overlay: Overlay): Promise<void> {
  const size = overlay.bytes === 0 ? [] : [diskSize(overlay.bytes)]
  const backing = ['-b', absolute(overlay.backing), '-F', overlay.backingFormat]
  await run(host, ['create', '-q', '-f', 'qcow2', ...backing, '--', absolute(overlay.target), ...size], { fileBytes: tableBytes })
}

/** Makes an empty disk that reads as zeros (mode 0600). */
export async function createEmpty(
  host: Host,
  disk: { readonly target: string; readonly format: DiskFormat; readonly bytes: number },
) {
  const argv = ['create', '-q', '-f', disk.format, '--', absolute(disk.target), diskSize(disk.bytes)]
  await run(host, argv, { fileBytes: wholeDisk(disk.bytes) })
}

/** Names the backing file of an overlay anew; its content must be the same. */
export async function rebase(host: Host, { backing, backingFormat, target }: Omit<Overlay, 'bytes'>): Promise<void> {
  const below = ['-b', absolute(backing), '-F', backingFormat]
  await run(host, ['rebase', '-q', '-u', '-f', 'qcow2', ...below, '--', absolute(target)])
}

/** Grows a disk to `bytes`; the guest that has it must not run. */
export async function resize(host: Host, disk: { readonly path: string; readonly format: DiskFormat; readonly bytes: number }) {
  const argv = ['resize', '-q', '-f', disk.format, '--', absolute(disk.path), diskSize(disk.bytes)]
  // A qcow2 file may hold saved memory beside its disk: it has no size that could be known here.
  await run(host, argv, disk.format === 'raw' ? { fileBytes: wholeDisk(disk.bytes) } : {})
}

/** Size and backing file of a disk, also of one that a guest has open. */
export async function info(host: Host, disk: { readonly path: string; readonly format: DiskFormat }): Promise<DiskInfo> {
  const argv = ['info', '-U', '--output=json', '-f', disk.format, '--', absolute(disk.path)]
  const { stdout } = await run(host, argv, { effect: 'read' })
  return parseInfo(host.name, disk.path, stdout)
}

/** Bytes that a qcow2 copy of the whole disk takes at most, images below it included; `isOpen` when a guest has it open. */
export async function measure(
  host: Host,
  disk: { readonly path: string; readonly format: DiskFormat; readonly isOpen: boolean },
): Promise<number> {
  const shared = disk.isOpen ? ['-U'] : []
  const argv = ['measure', ...shared, '--output=json', '-f', disk.format, '-O', 'qcow2', '--', absolute(disk.path)]
  const { stdout } = await run(host, argv, { effect: 'read' })
  const required = new Map<string, unknown>(Object.entries(parseObject(stdout))).get('required')
  if (isBytes(required)) return required
  throw new Fault('internal', `host ${host.name}: qemu-img measure of ${disk.path} did not answer with a size`)
}

/** Copies a disk into another format without its backing file. The limits grow with the size of the source. */
export async function convert(host: Host, conversion: Conversion): Promise<void> {
  const { source, sourceFormat, target, targetFormat, signal } = conversion
  const bytes = (await host.stat(source))?.size ?? 0
  const { virtualBytes } = await info(host, { path: source, format: sourceFormat })
  const seconds = cpuSeconds + Math.ceil(bytes / (16 * 1024 ** 2))
  const compress = conversion.compress === true ? ['-c'] : []
  const argv = ['convert', '-q', ...compress, '-f', sourceFormat, '-O', targetFormat, '--', absolute(source), absolute(target)]
  await run(host, argv, {
    cpuSeconds: seconds,
    deadlineMs: deadlineMs + seconds * 4000,
    fileBytes: wholeDisk(virtualBytes),
    signal,
  })
}

interface Limits {
  readonly effect?: 'read'
  readonly cpuSeconds?: number
  readonly deadlineMs?: number
  /** The largest file it may write. */
  readonly fileBytes?: number
  readonly signal?: AbortSignal
}

async function run(host: Host, argv: readonly string[], limits: Limits = {}) {
  const fileSize = limits.fileBytes === undefined ? [] : [`--fsize=${limits.fileBytes}`]
  const limited = [
    ...['sh', '-c', walls, 'sh'],
    'prlimit',
    `--as=${addressSpace}`,
    `--cpu=${limits.cpuSeconds ?? cpuSeconds}`,
    ...fileSize,
    'qemu-img',
    ...argv,
  ]
  const { effect, signal } = limits
  const options = { effect, signal, deadlineMs: limits.deadlineMs ?? deadlineMs, okExitCodes: [0, 127] }
  const result = await host.run(limited, options)
  // Each of these programs answers 127 for a next one that is not there, and names it.
  if (result.exitCode === 127) throw missingProgram(host.name, result.stderr.includes('qemu-img') ? 'qemu-img' : 'prlimit')
  return result
}

/** A file that holds every byte of a disk, and the tables that say where. */
const wholeDisk = (bytes: number) => Math.ceil(bytes * 1.01) + tableBytes

function absolute(path: string): string {
  if (path.startsWith('/') && !path.includes('\0')) return path
  throw new Fault('invalid', `disk path ${JSON.stringify(path)} is not absolute`)
}

function diskSize(bytes: number): string {
  if (Number.isSafeInteger(bytes) && bytes > 0 && bytes <= largestDisk) return String(bytes)
  throw new Fault('invalid', `a disk of ${bytes} bytes is impossible: sizes go from 1 to ${largestDisk} bytes`)
}

function parseInfo(host: string, path: string, stdout: string): DiskInfo {
  const fields = new Map<string, unknown>(Object.entries(parseObject(stdout)))
  const virtualBytes = fields.get('virtual-size')
  const actualBytes = fields.get('actual-size')
  const backing = fields.get('backing-filename') ?? null
  if (isBytes(virtualBytes) && isBytes(actualBytes) && (backing === null || typeof backing === 'string')) {
    return { virtualBytes, actualBytes, backing }
  }
  throw new Fault('internal', `host ${host}: qemu-img info of ${path} did not answer with sizes`)
}

const isBytes = (value: unknown): value is number => typeof value === 'number' && Number.isSafeInteger(value) && value >= 0

function parseObject(json: string): object {
  try {
    const value: unknown = JSON.parse(json)
    return typeof value === 'object' && value !== null ? value : {}
  } catch {
    return {}
  }
}
