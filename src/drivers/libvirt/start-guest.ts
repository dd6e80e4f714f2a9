/** Defining a guest in libvirt and starting it. */
import { Fault } from '../../core/fault.ts'
import { accelerationFor } from '../accelerator.ts'
import type { GuestSpec } from '../driver.ts'
import type { DriverContext } from '../driver-context.ts'
import { bootSpec, type GuestRecord, readGuestRecord, writeGuestRecord } from '../guest-record.ts'
import { defineAdopted, refuseAdopted } from './adopted-guest.ts'
import { cpuPlacement } from './cpu-placement.ts'
import { domainXml } from './domain.ts'
import { domainFile, type LibvirtPaths } from './guest-paths.ts'
import { afterLook, type Domain, domainOf, domainStates, isActive, lookAt, lookCommands, unknownDomain } from './look.ts'
import { find, parseXml } from './parse-xml.ts'
import { type VirshCommand, type VirshOptions, virsh } from './virsh.ts'
import { xmlText } from './xml.ts'

const startMs = 120_000
const stats = (id: string): VirshCommand => ['domstats', '--raw', '--state', id]

/** Defines the guest and starts it, unless it runs. */
export async function spawnGuest(context: DriverContext, paths: LibvirtPaths, spec: GuestSpec): Promise<void> {
  const machine: VirshCommand = ['domcapabilities', '--virttype', 'qemu', '--arch', 'x86_64', '--machine', spec.machine]
  const asked = await virsh(context, [...lookCommands(spec.id), machine], { effect: 'read', isAnswer: unknownDomain })
  const domain = asked.refusals.length > 0 ? undefined : domainOf(spec.id, asked.parts)
  if (domain && isActive(domain)) return
  // The machine of the first boot stays: a guest that is built again must not see other hardware.
  const known = domain ? await readGuestRecord(context, paths) : undefined
  const first = known?.spec.machine === spec.machine ? known.machineType : undefined
  const machineType = first ?? find(parseXml(afterLook(asked.parts)[0] ?? ''), 'machine')?.text
  const record: GuestRecord = { spec, rescue: null, machineType }
  const definition = await definitionOf(context, paths, record)
  const commands: VirshCommand[] = [
    ['define', domainFile],
    ['start', spec.id, '--force-boot'],
  ]
  await run(context, paths, spec.id, commands, async (host) => {
    await host.mkdir(paths.directory)
    await writeGuestRecord({ host }, paths, record)
    await openDirectories({ ...context, host }, paths)
    await host.writeFile(paths.domain, definition)
  })
}

/** The guest's definition on the host. `not-found` when it was never spawned there. */
export async function requireRecord(context: DriverContext, paths: LibvirtPaths): Promise<GuestRecord> {
  const record = await readGuestRecord(context, paths)
  if (record) return record
  await refuseAdopted(context, paths, paths.directory.slice(-36))
  throw new Fault('not-found', `host ${context.host.name} has no guest in ${paths.directory}`)
}

/** The guest's domain. `not-found` when the host has none. */
export async function requireDomain(context: DriverContext, id: string): Promise<Domain> {
  const domain = await lookAt(context, id)
  if (domain) return domain
  throw new Fault('not-found', `host ${context.host.name} has no guest ${id}`)
}

/** Boots a guest afresh by the definition that libvirt has; memory that was saved is dropped. One that runs stays as it is. */
export async function bootGuest(context: DriverContext, paths: LibvirtPaths, id: string): Promise<void> {
  const domain = await lookAt(context, id)
  if (!domain && !(await defineAdopted(context, paths)))
    return redefine(context, paths, await requireRecord(context, paths), true)
  if (!domain || !isActive(domain)) await bootStopped(context, paths, id)
}

/** Boots a guest that does not run (in a plan: will not run by then). */
export const bootStopped = (context: DriverContext, paths: LibvirtPaths, id: string): Promise<void> =>
  run(context, paths, id, [['start', id, '--force-boot']])

/** Goes on from saved memory. */
export const restoreSaved = (context: DriverContext, paths: LibvirtPaths, id: string): Promise<void> =>
  run(context, paths, id, [['start', id]])

/** Gives libvirt the definition of `record` in place of the one it has, and starts the guest when told to. */
export async function redefine(context: DriverContext, paths: LibvirtPaths, record: GuestRecord, start: boolean): Promise<void> {
  await context.host.writeFile(paths.domain, await definitionOf(context, paths, record))
  await virsh(context, [['define', domainFile]], { directory: paths.directory })
  if (start) await bootStopped(context, paths, record.spec.id)
}

async function definitionOf(context: DriverContext, paths: LibvirtPaths, record: GuestRecord): Promise<string> {
  const spec = bootSpec(record)
  const accelerator = spec.virtType === 'qemu' ? 'tcg' : (await accelerationFor(context, spec.virtType)).accelerator
  const facts = { accelerator, emulator: null, machineType: record.machineType ?? null, ...(await cpuPlacement(context, spec)) }
  return xmlText(domainXml(spec, paths, facts))
}

/** Guests do not run as root: who runs them may pass through our directories, and list none of them. */
export async function openDirectories({ host, instancesPath }: DriverContext, paths: LibvirtPaths): Promise<void> {
  await host.run(['chmod', '0711', '--', instancesPath, paths.directory, paths.cache], { okExitCodes: [0, 1] })
}

/** Runs commands that start the guest and believes only its state: that the start was accepted proves nothing. */
async function run(
  context: DriverContext,
  paths: LibvirtPaths,
  id: string,
  commands: readonly VirshCommand[],
  before?: VirshOptions['before'],
): Promise<void> {
  const { host } = context
  const options = { deadlineMs: startMs, directory: paths.directory, ...(before ? { before } : {}) }
  const { parts } = await virsh(context, [...commands, stats(id)], options)
  if (host.planning) return
  const domain = domainOf(id, parts)
  if (domain?.state === domainStates.running || domain?.state === domainStates.blocked) return
  if (domain && isActive(domain)) await virsh(context, [['destroy', id]], { isAnswer: /domain is not running/ })
  throw new Fault('internal', `host ${host.name}: guest ${id} did not start: libvirt says ${domain?.state}.${domain?.reason}`)
}
