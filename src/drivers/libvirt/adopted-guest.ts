/** A domain of somebody else's in our care: what we kept of it, where it logs, and what it is not for. */
import { Fault } from '../../core/fault.ts'
import { consoleLog } from '../console-log.ts'
import type { DriverContext } from '../driver-context.ts'
import { readGuestRecord } from '../guest-record.ts'
import type { LibvirtPaths } from './guest-paths.ts'
import { childrenOf, find, parseXml } from './parse-xml.ts'
import { virsh } from './virsh.ts'
import type { XmlElement } from './xml.ts'

const fileName = 'adopted.xml'

/** The definition as it was when it came into our care, in the guest's directory. */
export const adoptedFile = ({ directory }: LibvirtPaths): string => `${directory}/${fileName}`

/** Whether the guest was adopted: we keep a definition that we did not write. */
export const isAdopted = async ({ host }: DriverContext, paths: LibvirtPaths): Promise<boolean> =>
  (await host.stat(adoptedFile(paths))) !== undefined

/** The definition that we keep, or undefined for a guest that was not adopted. */
export const keptDefinition = async ({ host }: DriverContext, paths: LibvirtPaths): Promise<string | undefined> =>
  (await host.readFile(adoptedFile(paths)))?.toString('utf8')

/** Refuses what would need a guest of our own making. */
export async function refuseAdopted(context: DriverContext, paths: LibvirtPaths, id: string): Promise<void> {
  if (!(await isAdopted(context, paths))) return
  throw new Fault(
    'unsupported',
    `guest ${id} on host ${context.host.name} was adopted: its disks and its definition are not ours`,
    {
      hint: 'nova import release lets it go as it is',
    },
  )
}

/** Gives libvirt the definition back that it has lost; false for a guest that was not adopted. */
export async function defineAdopted(context: DriverContext, paths: LibvirtPaths): Promise<boolean> {
  if (!(await isAdopted(context, paths))) return false
  await virsh(context, [['define', fileName]], { directory: paths.directory })
  return true
}

/** The end of the serial log: ours, or the file that an adopted domain's own definition names. */
export async function guestConsoleLog(context: DriverContext, paths: LibvirtPaths, bytes: number): Promise<string> {
  const { host } = context
  const kept = await keptDefinition(context, paths)
  if (kept === undefined) {
    if (await readGuestRecord(context, paths)) return consoleLog(context, paths, bytes)
    throw new Fault('not-found', `host ${host.name} has no guest in ${paths.directory}`)
  }
  const file = consolesOf(kept)
    .map(logFile)
    .find((path) => path !== undefined)
  if (file === undefined)
    throw new Fault('unsupported', `the adopted domain on host ${host.name} writes its console to no file`, {
      hint: `virsh edit it: <log file='/var/log/libvirt/qemu/NAME-console.log'/> in its <serial>`,
    })
  if (bytes <= 0) return ''
  return (await host.readFile(file, { tail: true, maxBytes: bytes }))?.toString('utf8') ?? ''
}

/** The socket of the serial console: ours, or the one that an adopted domain has. */
export async function guestConsoleSocket(context: DriverContext, paths: LibvirtPaths): Promise<string> {
  const kept = await keptDefinition(context, paths)
  if (kept === undefined) return paths.serial
  const listening = consolesOf(kept).filter(({ attributes }) => attributes.get('type') === 'unix')
  const [socket] = listening.flatMap((one) => find(one, 'source')?.attributes.get('path') ?? [])
  if (socket !== undefined) return socket
  throw new Fault('unsupported', `the adopted domain on host ${context.host.name} has no serial console on a unix socket`, {
    hint: 'virsh console on the host reaches one on a terminal',
  })
}

/** The nics that an adopted domain had when it came, in their order; none for a guest of ours. */
export async function adoptedNics(context: DriverContext, paths: LibvirtPaths): Promise<readonly { readonly mac: string }[]> {
  const kept = await keptDefinition(context, paths)
  const nics = kept === undefined ? [] : childrenOf(find(parseXml(kept), 'devices'), 'interface')
  return nics.map((nic) => ({ mac: find(nic, 'mac')?.attributes.get('address') ?? '' }))
}

function consolesOf(definition: string): XmlElement[] {
  const devices = find(parseXml(definition), 'devices')
  return [...childrenOf(devices, 'serial'), ...childrenOf(devices, 'console')]
}

const logFile = (console: XmlElement): string | undefined =>
  find(console, 'log')?.attributes.get('file') ??
  (console.attributes.get('type') === 'file' ? find(console, 'source')?.attributes.get('path') : undefined)
