/**
 * `virsh migrate` in the background of the source host. The lock of the guest must be free meanwhile, for those who abort, and
 * a connection that breaks must not take virsh's last words along.
 */
import { Fault } from '../../core/fault.ts'
import type { LiveProgress } from '../driver.ts'
import type { DriverContext } from '../driver-context.ts'
import type { LiveFiles } from './live-files.ts'
import { jobFields, onward, progressOf } from './live-progress.ts'
import { domainOf } from './look.ts'
import { refusalsOf, type VirshCommand, virsh, virshArgv } from './virsh.ts'
import { virshFault } from './virsh-fault.ts'

/** Parameters: where complaints go, where the exit code goes, argv. */
const background = `exec setsid -f sh -c 'err=$1 ended=$2; shift 2; "$@" >/dev/null 2>"$err"; echo $? >"$ended.new"; mv -f "$ended.new" "$ended"' sh "$@" </dev/null >/dev/null 2>&1`

const shortestPollMs = 40
const longestPollMs = 500
/** Polls take a twentieth of the move's own time at most. */
const pollShare = 1 / 20
/** virsh that was killed says nothing: so long after its job has gone nobody waits for its word. */
const silentMs = 5000

/** Starts the command; what it says is found in the files. */
export async function startLive({ host }: DriverContext, command: VirshCommand, files: LiveFiles): Promise<void> {
  await host.run(['sh', '-c', background, 'sh', files.complaints, files.ended, ...virshArgv(command)])
}

export interface LiveEnd {
  /** Why virsh failed; undefined when it says that the guest has moved. */
  readonly fault: Fault | undefined
  /** The last that was reported. */
  readonly last: LiveProgress | undefined
}

/** Waits for the end of the command and reports what the job says meanwhile. */
export async function followLive(
  context: DriverContext,
  id: string,
  files: LiveFiles,
  report: (progress: LiveProgress) => void,
): Promise<LiveEnd> {
  const { host, clock } = context
  const beganAt = clock.monotonic()
  let seenAt = beganAt
  let last: LiveProgress | undefined
  for (;;) {
    const [ended, job] = await Promise.all([host.readFile(files.ended), jobOf(context, id)])
    if (ended !== undefined) return { fault: await faultOf(context, files, ended.toString('utf8').trim()), last }
    const now = clock.monotonic()
    if (job) seenAt = now
    // Before it has counted anything it says 0 of 0.
    if (job && job.disks.total + job.memory.total > 0) {
      last = onward(last, job)
      report(last)
    }
    if (now - seenAt > silentMs)
      return { fault: new Fault('internal', `host ${host.name}: virsh migrate of guest ${id} ended without a word`), last }
    await clock.sleep(Math.min(longestPollMs, Math.max(shortestPollMs, (now - beganAt) * pollShare)))
  }
}

/** The live move that is under way, or undefined; also while libvirtd does not answer. */
export async function jobOf(context: DriverContext, id: string): Promise<LiveProgress | undefined> {
  const job: VirshCommand = ['domjobinfo', id, '--rawstats']
  const state: VirshCommand = ['domstats', '--raw', '--state', id]
  const { parts } = await virsh(context, [job, state], { effect: 'read', isAnswer: /./ })
  const fields = jobFields(parts[0] ?? '')
  if (fields === undefined || fields.get('operation') !== outgoing) return undefined
  return progressOf(fields, domainOf(id, parts.slice(1)))
}

/** virDomainJobOperation: a migration from here. */
const outgoing = '5'

async function faultOf(context: DriverContext, files: LiveFiles, code: string): Promise<Fault | undefined> {
  if (code === '0') return undefined
  const said = (await context.host.readFile(files.complaints))?.toString('utf8') ?? ''
  const refusals = refusalsOf(said)
  const words = refusals.length > 0 ? refusals : [`virsh migrate ended with ${code}: ${said.trim().slice(-300)}`]
  if (/cancell?ed by client|operation aborted/i.test(words.join(';')))
    return new Fault('conflict', `the live move from host ${context.host.name} was aborted`)
  return virshFault(context.host.name, words)
}

/** Ends a move whose owner has gone, with its way to the destination; resolves when it is over. */
export async function endStaleLive(context: DriverContext, id: string): Promise<void> {
  const end = context.clock.monotonic() + 30_000
  for (;;) {
    const job = await jobOf(context, id)
    if (!job || job.phase === 'post-copy') return
    if (context.clock.monotonic() > end)
      throw new Fault('timeout', `host ${context.host.name}: an earlier live move of guest ${id} does not end`)
    await virsh(context, [['domjobabort', id]], { isAnswer: /./ })
    await context.clock.sleep(longestPollMs)
  }
}
