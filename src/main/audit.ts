/** One audit entry for each call that changes something, written when it has ended, whichever way. */
import type { Context } from '../actions/context.ts'
import type { AnyAction } from '../core/action.ts'
import { asFault, type Fault } from '../core/fault.ts'
import { iso } from '../core/time.ts'
import { redacted } from '../model/audit.ts'
import type { AuditLog } from '../state/json/audit-log.ts'

interface Audited {
  readonly audit: AuditLog
  readonly action: AnyAction
  readonly input: unknown
  readonly context: Context
  readonly door: string
}

/** Runs the call and writes its entry. Work that is done is not called failed because its entry could not be written. */
export async function audited(call: Audited, run: () => Promise<unknown>): Promise<unknown> {
  const began = call.context.clock.monotonic()
  let fault: Fault | undefined
  try {
    return await run()
  } catch (error) {
    fault = asFault(error)
    throw error
  } finally {
    try {
      await write(call, began, fault)
    } catch (error) {
      // A call that failed says one thing; what keeps the entry from being written most likely failed it too.
      if (!fault) call.context.progress({ type: 'note', message: asFault(error).message })
    }
  }
}

function write({ audit, action, input, context, door }: Audited, began: number, fault: Fault | undefined): Promise<void> {
  const { userId, projectId, roles, requestId, clock } = context
  return audit.write({
    at: iso(clock.wall()),
    door,
    userId,
    projectId,
    roles: [...roles],
    action: action.name,
    input: redacted(input, (action.secrets ?? []).map(String)),
    outcome: fault?.kind ?? 'ok',
    message: fault?.message ?? null,
    requestId,
    durationMs: Math.round(clock.monotonic() - began),
  })
}
