/**
 * `virsh migrate` in the background of the source host. The lock of the guest must be free meanwhile, for those who abort, and
 * a connection that breaks must not take virsh's last words along.
 */
import { Fault } from '../../core/fault.ts'
import type { LiveProgress } from '../driver.ts'
import type { DriverContext } from '../driver-context.ts'
import type { LiveFiles } from './live-files.ts'
import { jobFields, onward, progressOf } from './live-progress.ts'
import { type Domain, domainOf } from './look.ts'
import { refusalsOf, type VirshCommand, virsh, virshArgv } from './virsh.ts'
import { virshFault } from './virsh-fault.ts'

/**
 * Parameters: lock, where complaints go, where the exit code goes, sockets, `--`, argv. Where sshd listens as a user without
 * privileges, its sockets lie in directories of that user, which qemu must pass.
 */
const background = `lock=$1 err=$2 ended=$3; shift 3
while [ "$1" != -- ]; do chmod 0711 -- "$(dirname -- "$(readlink -f -- "$1")")"; shift; done; shift
exec 8>"$lock"; flock 8
exec setsid -f sh -c 'err=$1 ended=$2; shift 2; "$@" >/dev/null 2>"$err"; echo $? >"$ended.new"; mv -f "$ended.new" "$ended"' sh "$err" "$ended" "$@" </dev/null >/dev/null 2>&1`

/** Parameters: lock, exit code, complaints. Waits in the host's kernel until virsh has ended, then prints both; 75 when it has not. */
const wait = 'flock -s -w 20 -E 75 "$1" true || exit 75; cat "$2" || exit 0; cat "$3"'
const stillRuns = 75

/** Each look is a session and a virsh: 35 ms of a core that the move needs itself. */
const firstLookMs = 500
const nextLookMs = 1000

/** Starts the command; what it says is found in the files. `sockets` are those that libvirt and qemu must reach. */
export async function startLive(
  { host }: DriverContext,
  command: VirshCommand,
  files: LiveFiles,
  sockets: readonly string[],
): Promise<void> {
  const { lock, complaints, ended } = files
  await host.run(['sh', '-c', background, 'sh', lock, complaints, ended, ...sockets, '--', ...virshArgv(command)])
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
  const { clock } = context
  const over = new AbortController()
  const ending = endOf(context, id, files).finally(() => over.abort())
  let last: LiveProgress | undefined
  const watch = async () => {
    for (let pause = firstLookMs; ; pause = nextLookMs) {
      await clock.sleep(pause, over.signal)
      const job = await jobOf(context, id)
      // Before it has counted anything it says 0 of 0; what comes after the end is no news.
      if (job && job.disks.total + job.memory.total > 0 && !over.signal.aborted) {
        last = onward(last, job)
        report(last)
      }
    }
  }
  // A look that fails is no end of the move: that is told by the wait, over the same connection.
  watch().catch(() => {})
  return { fault: await ending, last }
}

/** Resolves when virsh has ended, with its fault if it failed. */
async function endOf(context: DriverContext, id: string, files: LiveFiles): Promise<Fault | undefined> {
  const { host } = context
  const argv = ['sh', '-c', wait, 'sh', files.lock, files.ended, files.complaints]
  for (;;) {
    const { exitCode, stdout } = await host.run(argv, { effect: 'read', okExitCodes: [0, stillRuns] })
    if (exitCode === stillRuns) continue
    if (stdout !== '') return faultOf(context, stdout)
    await endStaleLive(context, id)
    return new Fault('internal', `host ${host.name}: virsh migrate of guest ${id} ended without a word`)
  }
}

/** The live move that is under way, or undefined; also while libvirtd does not answer. */
export async function jobOf(context: DriverContext, id: string): Promise<LiveProgress | undefined> {
  const state: VirshCommand = ['domstats', '--raw', '--state', id]
  const { parts } = await virsh(context, [jobCommand(id), state], { effect: 'read', isAnswer: /./ })
  return jobIn(parts[0] ?? '', domainOf(id, parts.slice(1)))
}

export const jobCommand = (id: string): VirshCommand => ['domjobinfo', id, '--rawstats']

/** The move in the answer to `jobCommand`. */
export function jobIn(text: string, domain: Domain | undefined): LiveProgress | undefined {
  const fields = jobFields(text)
  return fields?.get('operation') === outgoing ? progressOf(fields, domain) : undefined
}

/** virDomainJobOperation: a migration from here. */
const outgoing = '5'

/** `text` is the exit code in the first line, then what virsh complained of. */
function faultOf({ host }: DriverContext, text: string): Fault | undefined {
  const [code = '', ...lines] = text.split('\n')
  if (code === '0') return undefined
  const said = lines.join('\n')
  const refusals = refusalsOf(said)
  const words = refusals.length > 0 ? refusals : [`virsh migrate ended with ${code}: ${said.trim().slice(-300)}`]
  if (/cancell?ed by client|operation aborted/i.test(words.join(';')))
    return new Fault('conflict', `the live move from host ${host.name} was aborted`)
  return virshFault(host.name, words)
}

const stalePollMs = 250

/** Ends a move whose owner has gone, with its way to the destination; resolves when it is over. */
export async function endStaleLive(context: DriverContext, id: string): Promise<void> {
  const end = context.clock.monotonic() + 30_000
  for (;;) {
    const job = await jobOf(context, id)
    if (!job || job.phase === 'post-copy') return
    if (context.clock.monotonic() > end)
      throw new Fault('timeout', `host ${context.host.name}: an earlier live move of guest ${id} does not end`)
    await virsh(context, [['domjobabort', id]], { isAnswer: /./ })
    await context.clock.sleep(stalePollMs)
  }
}
