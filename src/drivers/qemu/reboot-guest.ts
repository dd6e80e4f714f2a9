/** Reboot as Nova does it: a new process, so that a changed definition takes effect; the serial log goes on. */
import type { QemuContext } from './context.ts'
import type { GuestPaths } from './guest-paths.ts'
import { bootStopped, requireRecord } from './start-guest.ts'
import { stopGuest } from './stop-guest.ts'

/** Soft: the guest shuts down by itself within `timeoutMs`, or is forced. Hard: forced at once. */
export async function rebootGuest(
  context: QemuContext,
  paths: GuestPaths,
  { kind, timeoutMs }: { readonly kind: 'soft' | 'hard'; readonly timeoutMs: number },
): Promise<void> {
  const record = await requireRecord(context, paths)
  await stopGuest(context, paths, kind === 'soft' ? timeoutMs : 0)
  await bootStopped(context, paths, record)
}
