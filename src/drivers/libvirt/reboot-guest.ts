/** Reboot as Nova does it: a new process, so that a changed definition takes effect; the serial log goes on. */
import type { DriverContext } from '../driver-context.ts'
import { readGuestRecord } from '../guest-record.ts'
import type { LibvirtPaths } from './guest-paths.ts'
import { bootStopped, redefine } from './start-guest.ts'
import { stopGuest } from './stop-guest.ts'

/** Soft: the guest shuts down by itself within `timeoutMs`, or is forced. Hard: forced at once and defined anew. */
export async function rebootGuest(
  context: DriverContext,
  paths: LibvirtPaths,
  id: string,
  { kind, timeoutMs }: { readonly kind: 'soft' | 'hard'; readonly timeoutMs: number },
): Promise<void> {
  await stopGuest(context, paths, id, kind === 'soft' ? timeoutMs : 0)
  const record = kind === 'hard' ? await readGuestRecord(context, paths) : undefined
  if (record) await redefine(context, paths, record, true)
  else await bootStopped(context, paths, id)
}
