/** A libvirt guest's side of a cold move: its definition is kept in its directory while libvirt knows nothing of it. */
import { Fault } from '../../core/fault.ts'
import { adoptDisks } from '../adopt-disks.ts'
import { asidePaths, isAside, putAside, putBack } from '../aside.ts'
import type { GuestSpec, Moves } from '../driver.ts'
import type { DriverContext } from '../driver-context.ts'
import { readGuestRecord } from '../guest-record.ts'
import { sendDisks } from '../send-disks.ts'
import { refuseAdopted } from './adopted-guest.ts'
import { releaseCpus } from './cpu-reservation.ts'
import { type LibvirtPaths, libvirtPaths } from './guest-paths.ts'
import { afterLook, domainOf, isActive, lookAt, lookCommands, unknownDomain } from './look.ts'
import { find, parseXml } from './parse-xml.ts'
import { placedAnew } from './place-domain.ts'
import { openDirectories, redefine } from './start-guest.ts'
import { endGuest, undefineGuest } from './stop-guest.ts'
import { virsh } from './virsh.ts'
import { xmlText } from './xml.ts'

/** Below the guest's directory: the definition as libvirt had it, with what was attached to the guest since. */
const keptFile = 'kept.xml'

/** What the libvirt driver does for cold moves. */
export function libvirtMoves(context: DriverContext): Moves {
  const { host } = context
  const at = (id: string) => libvirtPaths(context, id)
  return {
    async setAside(id) {
      if (await isAside(context, id)) return
      await refuseAdopted(context, at(id), id)
      await keepDefinition(context, at(id), id)
      await undefineGuest(context, id)
      await putAside(context, id)
    },
    sendDisks: (id, to, spec) => sendDisks(context, id, to, spec),
    adopt: (spec) => adopt(context, at(spec.id), spec),
    async takeBack(id) {
      if (!(await isAside(context, id))) return
      const newcomer = await lookAt(context, id)
      if (newcomer) {
        await endGuest(context, newcomer)
        await undefineGuest(context, id)
      }
      // Before the directory has its name again: a call that comes after a death in between begins here once more.
      await defineKept(context, id)
      await putBack(context, id)
    },
    async dropAside(id) {
      await host.remove(asidePaths(context, id).directory)
      // CPUs stay with a guest that may be taken back, and with one that moved within the host.
      if (!(await host.stat(at(id).directory))) await releaseCpus(context, id)
    },
  }
}

/** Writes down what libvirt has. `conflict` for a guest that runs, is suspended, or has state that only this host has. */
async function keepDefinition(context: DriverContext, paths: LibvirtPaths, id: string): Promise<void> {
  const { host } = context
  const commands = [...lookCommands(id), ['dumpxml', id, '--inactive', '--security-info']] as const
  const { parts, refusals } = await virsh(context, commands, { effect: 'read', isAnswer: unknownDomain })
  const domain = refusals.length > 0 ? undefined : domainOf(id, parts)
  // Undefined already by a call that died, or never started here: its record tells the same.
  if (!domain) return
  if (isActive(domain) && !host.planning) throw new Fault('conflict', `guest ${id} runs on host ${host.name}: stop it first`)
  if (domain.isSaved) throw new Fault('conflict', `guest ${id} is suspended on host ${host.name}: resume it first`)
  const xml = afterLook(parts)[0]?.trim() ?? ''
  refuseLocalState(host.name, id, xml)
  await host.writeFile(`${paths.directory}/${keptFile}`, `${xml}\n`)
}

/** Firmware variables and TPMs lie outside of the guest's directory; undefining the guest would lose them. */
function refuseLocalState(host: string, id: string, xml: string): void {
  const root = parseXml(xml)
  const what = find(root, 'devices', 'tpm') ? 'a TPM' : find(root, 'os')?.attributes.has('firmware') && 'UEFI variables'
  if (!what) return
  throw new Fault('unsupported', `guest ${id} has ${what}, which libvirt keeps on host ${host}: it cannot move while stopped`, {
    hint: 'move it while it runs: nova live-migration',
  })
}

async function adopt(context: DriverContext, paths: LibvirtPaths, spec: GuestSpec): Promise<void> {
  await adoptDisks(context, paths, spec)
  await openDirectories(context, paths)
  const record = await readGuestRecord(context, paths)
  await redefine(context, paths, record ?? { spec, rescue: null }, false)
}

/** Gives libvirt the definition that was kept; without one the guest's record makes it at the next start. */
async function defineKept(context: DriverContext, id: string): Promise<void> {
  const aside = asidePaths(context, id)
  const kept = (await context.host.readFile(`${aside.directory}/${keptFile}`))?.toString('utf8')
  const record = await readGuestRecord(context, aside)
  if (kept === undefined || !record) return
  const placed = await placedAnew(context, parseXml(kept), record.spec)
  await context.host.writeFile(`${aside.directory}/${keptFile}`, xmlText(placed))
  await virsh(context, [['define', keptFile]], { directory: aside.directory })
}
