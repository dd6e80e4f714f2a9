/** The proof that an evacuation needs of a host: that it does not answer now. */
import type { ComputeClient } from '../compute/client.ts'
import { asFault, Fault, type FaultKind } from '../core/fault.ts'

const silence: ReadonlySet<FaultKind> = new Set(['unreachable', 'timeout'])

/** Resolves with why the host cannot be reached; `conflict` when it answers, be it with an error. */
export async function needSilence(compute: ComputeClient, host: string, signal: AbortSignal): Promise<string> {
  const call = { host, method: 'list', args: undefined, serverId: null, epoch: 0, signal } as const
  const answer = await compute.call(call).catch(asFault)
  if (answer instanceof Fault && silence.has(answer.kind) && !signal.aborted) return answer.message
  if (answer instanceof Fault && signal.aborted) throw answer
  const how = answer instanceof Fault ? `with an error: ${answer.message}` : `and lists ${answer.length} guests`
  throw new Fault('conflict', `host ${host} answers, ${how}; only a host that is off can be evacuated`, {
    hint: `nova host drain ${host} moves its servers with their disks`,
  })
}
