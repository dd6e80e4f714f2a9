/** Where a guest's screen is shown. */
import { Fault } from '../../core/fault.ts'
import type { DriverContext } from '../driver-context.ts'
import { requireActive } from './suspend-guest.ts'
import { virsh } from './virsh.ts'

/** Ports of VNC displays count from here. */
const firstPort = 5900

/** `unsupported` for a guest without a screen. */
export async function vncAddress(
  context: DriverContext,
  id: string,
): Promise<{ readonly address: string; readonly port: number }> {
  await requireActive(context, id)
  const { parts } = await virsh(context, [['vncdisplay', id]], { effect: 'read', isAnswer: /Failed to get VNC port/i })
  const [, address, display] = /^(\[?[0-9A-Za-z.:-]{1,253}?\]?)?:(\d{1,5})$/m.exec(parts[0] ?? '') ?? []
  if (display === undefined) throw new Fault('unsupported', `guest ${id} has no screen`)
  return { address: address?.replace(/^\[|\]$/g, '') ?? '127.0.0.1', port: firstPort + Number(display) }
}
