/** Disks of a running guest on their way: the destination exports them over NBD, the source mirrors into them. */
import { Fault } from '../../core/fault.ts'
import type { GuestSpec, LiveProgress } from '../driver.ts'
import { type PlacedDisk, placedDisks } from '../guest-disk.ts'
import type { Message } from './json-lines.ts'
import { heard, numberOf, rowsOf, type Side, wordOf } from './live-side.ts'
import type { Qmp } from './qmp.ts'

/** Everything of a move inside qemu has this before its name: jobs, nodes and exports. */
const prefix = 'live-'
const finishMs = 600_000

/** The disks that the guest writes to; the config drive never changes and is copied as a file. */
export const movingDisks = (spec: GuestSpec, { paths }: Side): PlacedDisk[] =>
  placedDisks(spec, paths).filter(({ disk }) => disk.role !== 'config')

/** On the destination, whose NBD server listens. */
export async function exportDisks(qmp: Qmp, disks: readonly PlacedDisk[]): Promise<void> {
  for (const { node } of disks)
    await qmp.execute('block-export-add', { type: 'nbd', id: prefix + node, 'node-name': node, name: node, writable: true })
}

export interface MirrorOptions {
  readonly server: object
  /** Name of the credentials, if the way is encrypted by qemu. */
  readonly creds: string | undefined
  /** Bytes a second; 0 for no limit. */
  readonly speed: number
}

/** On the source. Only the top layer travels where an image is below it. */
export async function startMirrors(
  qmp: Qmp,
  disks: readonly PlacedDisk[],
  { server, creds, speed }: MirrorOptions,
): Promise<void> {
  for (const { node, backing } of disks) {
    const target = prefix + node
    const tls = creds === undefined ? {} : { 'tls-creds': creds }
    await qmp.execute('blockdev-add', { driver: 'nbd', 'node-name': target, server, export: node, ...tls })
    const sync = backing === null ? 'full' : 'top'
    // Kept when it has ended: how it ended is asked for later, and by others.
    await qmp.execute('blockdev-mirror', { 'job-id': target, device: node, target, sync, speed, 'auto-dismiss': false })
  }
}

export interface MirrorState {
  readonly progress: LiveProgress['disks']
  readonly areReady: boolean
}

/** How far the mirrors are. `conflict` when they were cancelled, `internal` when one failed. */
export async function mirrorsState(qmp: Qmp, disks: readonly PlacedDisk[]): Promise<MirrorState> {
  const jobs = await mirrorJobs(qmp)
  for (const { node } of disks)
    refuseEnded(
      node,
      jobs.find((job) => wordOf(job, 'device') === prefix + node),
    )
  const total = sum(jobs, 'len')
  return {
    progress: { total, remaining: Math.max(0, total - sum(jobs, 'offset')) },
    areReady: jobs.every((job) => job.get('ready') === true),
  }
}

/** Whether a move is copying disks. */
export const hasMirrors = async (qmp: Qmp): Promise<boolean> => (await mirrorJobs(qmp)).length > 0

/** The guest stands still: what is left travels, then both copies are the same and go apart. Resolves with the bytes. */
export async function finishMirrors(qmp: Qmp, disks: readonly PlacedDisk[]): Promise<number> {
  const { progress } = await mirrorsState(qmp, disks)
  for (const { node } of disks) await qmp.execute('block-job-cancel', { device: prefix + node })
  const jobs = await concluded(qmp)
  for (const job of jobs) if (job.has('error')) throw jobFault(wordOf(job, 'device'), wordOf(job, 'error'))
  return Math.max(progress.total, sum(jobs, 'offset'))
}

/** Ends mirrors wherever they are; what they copied is worth nothing. */
export async function cancelMirrors(qmp: Qmp): Promise<void> {
  for (const job of await mirrorJobs(qmp)) {
    if (wordOf(job, 'status') !== 'concluded')
      await qmp.execute('block-job-cancel', { device: wordOf(job, 'device'), force: true })
  }
}

/** Removes what mirrors left on the source. */
export async function forgetMirrors(qmp: Qmp): Promise<void> {
  await cancelMirrors(qmp)
  for (const job of await concluded(qmp)) await qmp.execute('block-job-dismiss', { id: wordOf(job, 'device') })
  const nodes = rowsOf(await qmp.execute('query-named-block-nodes', { flat: true })).map((node) => wordOf(node, 'node-name'))
  for (const node of nodes) if (node.startsWith(prefix)) await qmp.execute('blockdev-del', { 'node-name': node })
}

const mirrorJobs = async (qmp: Qmp): Promise<Message[]> =>
  rowsOf(await qmp.execute('query-block-jobs')).filter((job) => wordOf(job, 'device').startsWith(prefix))

async function concluded(qmp: Qmp): Promise<Message[]> {
  for (;;) {
    const jobs = await mirrorJobs(qmp)
    if (jobs.every((job) => wordOf(job, 'status') === 'concluded')) return jobs
    await heard(qmp, ['JOB_STATUS_CHANGE'], finishMs)
  }
}

function refuseEnded(node: string, job: Message | undefined): void {
  if (job === undefined) throw jobFault(prefix + node, 'its copy is gone')
  if (wordOf(job, 'status') === 'concluded') throw jobFault(prefix + node, wordOf(job, 'error') || 'its copy ended')
}

function jobFault(job: string, words: string): Fault {
  if (/cancell?ed/i.test(words)) return new Fault('conflict', 'the live move was aborted')
  return new Fault('internal', `disk ${job.slice(prefix.length)} could not be copied: ${words.slice(0, 300)}`)
}

const sum = (jobs: readonly Message[], field: string): number => jobs.reduce((total, job) => total + numberOf(job, field), 0)
