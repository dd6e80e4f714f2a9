/** A qemu guest's side of a move: its directory is put aside and back, and its process never runs from there. */
import { Fault } from '../../core/fault.ts'
import { adoptDisks } from '../adopt-disks.ts'
import { asidePaths, isAside, putAside, putBack } from '../aside.ts'
import type { Moves } from '../driver.ts'
import { releasePorts } from '../port-reservation.ts'
import { sendDisks } from '../send-disks.ts'
import type { QemuContext } from './context.ts'
import { guestPaths } from './guest-paths.ts'
import { livingProcess } from './guest-process.ts'
import { endProcess } from './stop-guest.ts'

/** What the qemu driver does for moves. */
export function qemuMoves(context: QemuContext): Moves {
  const { host } = context
  const at = (id: string) => guestPaths(context, id)
  return {
    async setAside(id) {
      if ((await livingProcess(context, at(id))) && !(await isAside(context, id)))
        throw new Fault('conflict', `guest ${id} runs on host ${host.name}: stop it first`)
      await putAside(context, id)
    },
    sendDisks: (id, to, spec) => sendDisks(context, id, to, spec),
    adopt: (spec) => adoptDisks(context, at(spec.id), spec),
    async takeBack(id) {
      if (!(await isAside(context, id))) return
      const newcomer = await livingProcess(context, at(id))
      if (newcomer) await endProcess(context, newcomer)
      await putBack(context, id)
    },
    async dropAside(id) {
      await host.remove(asidePaths(context, id).directory)
      // The ports stay with a guest that moved within the host.
      if (!(await host.stat(at(id).directory))) await releasePorts(context, id)
    },
  }
}
