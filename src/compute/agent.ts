import type { Report, Serve } from '../bus/bus.ts'
import { Fault } from '../core/fault.ts'
import type { Driver, GuestPlace } from '../drivers/driver.ts'
import type { Host } from '../hosts/host.ts'
import type { ComputeMethod } from './client.ts'
import { type ComputeHost, hostView, type Plans } from './host-view.ts'

/** Makes the driver of one host over the host as this call may see it (recorded, fenced, or only written down). */
export type MakeDriver = (options: { readonly host: Host; readonly epoch: number }) => Driver

interface Envelope {
  readonly args: never
  readonly serverId: string | null
  readonly epoch: number
  readonly plan: boolean
}

/** Calls that change nothing on the host, or something that belongs to no server. */
const unfenced: ReadonlySet<string> = new Set<ComputeMethod>([
  'inventory',
  'list',
  'inspect',
  'awaitChange',
  'capabilities',
  'cacheImage',
  'consoleLog',
  'consoleSocket',
  'diagnostics',
  'setPassword',
  'foreignDomains',
  'vncAddress',
  'cpuBaseline',
  'hostCpu',
  'survey',
  'sharesWith',
  'tidy',
  'removeCached',
])

/** Another host by its name, under the same fence and record as the call's own. */
type Reach = (name: string) => Promise<GuestPlace>
type Handler = (driver: Driver, id: string, args: never, reach: Reach, report: Report, signal: AbortSignal) => Promise<unknown>

/** Thrown for a capability that the driver does not have. */
class Incapable extends Error {
  constructor(readonly capability: string) {
    super(`the driver has no ${capability}`)
  }
}

const incapable = (host: Host, { capability }: Incapable) => {
  const words = capability.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
  return new Fault('unsupported', `host ${host.name} cannot do this: its driver has no "${words}"`, {
    hint: `nova host show ${host.name} names its driver`,
  })
}

/** The capability; throws `Incapable`. */
function need<K extends keyof Driver>(driver: Driver, name: K): NonNullable<Driver[K]> {
  const method = driver[name]
  if (!method) throw new Incapable(name)
  return (method as (...args: never[]) => unknown).bind(driver) as NonNullable<Driver[K]>
}

// biome-ignore lint/suspicious/noExplicitAny: each row takes the arguments that ComputeCalls gives its name
type AnyHandler = (driver: Driver, id: string, args: any, reach: Reach, report: Report, signal: AbortSignal) => Promise<unknown>

const handlers: Record<Exclude<ComputeMethod, 'preflight'>, AnyHandler> = {
  inventory: (driver) => driver.inventory(),
  list: (driver) => driver.list(),
  inspect: (driver, id) => driver.inspect(id),
  awaitChange: (driver, _, { timeoutMs }, __, ___, signal) => need(driver, 'awaitChange')(timeoutMs, signal),
  cacheImage: async (driver, _, { image, localPath }, __, report) =>
    driver.cacheImage?.(image, localPath, (done, total) => report({ what: `image ${image.id}`, done, total })),
  createDisks: async (driver, _, { spec }) => driver.createDisks?.(spec),
  recreateRootDisk: (driver, _, { spec }) => need(driver, 'recreateRootDisk')(spec),
  createConfigDrive: async (driver, id, { files }) => driver.createConfigDrive?.(id, files),
  reservePort: async (driver, id) => driver.reservePort?.(id),
  spawn: (driver, _, { spec }) => driver.spawn(spec),
  destroy: (driver, id) => driver.destroy(id),
  start: (driver, id) => driver.start(id),
  stop: (driver, id, args) => driver.stop(id, args),
  reboot: (driver, id, args) => driver.reboot(id, args),
  pause: (driver, id) => need(driver, 'pause')(id),
  unpause: (driver, id) => need(driver, 'unpause')(id),
  suspend: (driver, id) => need(driver, 'suspend')(id),
  resume: (driver, id) => need(driver, 'resume')(id),
  rescue: (driver, id, { image }) => need(driver, 'rescue')(id, image),
  unrescue: (driver, id) => need(driver, 'unrescue')(id),
  consoleLog: (driver, id, { bytes }) => need(driver, 'consoleLog')(id, bytes),
  consoleSocket: (driver, id) => need(driver, 'consoleSocket')(id),
  diagnostics: (driver, id) => need(driver, 'diagnostics')(id),
  capabilities: async (driver) => Object.keys(driver),
  setAside: (driver, id) => need(driver, 'setAside')(id),
  sendDisks: async (driver, id, { to, spec }, reach) => need(driver, 'sendDisks')(id, await reach(to), spec),
  adopt: (driver, _, { spec }) => need(driver, 'adopt')(spec),
  takeBack: (driver, id) => need(driver, 'takeBack')(id),
  dropAside: async (driver, id) => driver.dropAside?.(id),
  sharesWith: async (driver, id, { to }, reach) => need(driver, 'sharesWith')(id, await reach(to)),
  sendImages: async (driver, id, { to, spec }, reach) => need(driver, 'sendImages')(id, await reach(to), spec),
  makeRoom: (driver, _, { spec, order }) => need(driver, 'makeRoom')(spec, order),
  moveLive: async (driver, id, { to, spec, order }, reach, report) =>
    need(driver, 'moveLive')(id, await reach(to), spec, order, report),
  abortLive: (driver, id) => need(driver, 'abortLive')(id),
  forceLive: (driver, id) => need(driver, 'forceLive')(id),
  leave: (driver, id, { storage }) => need(driver, 'leave')(id, storage),
  foreignDomains: (driver) => need(driver, 'foreignDomains')(),
  adoptDomain: (driver, id) => need(driver, 'adoptDomain')(id),
  releaseDomain: (driver, id, { insist }) => need(driver, 'releaseDomain')(id, { insist }),
  cpuBaseline: (driver, _, { models }) => need(driver, 'cpuBaseline')(models),
  hostCpu: (driver) => need(driver, 'hostCpu')(),
  vncAddress: (driver, id) => need(driver, 'vncAddress')(id),
  snapshot: (driver, id, { localPath, deadlineMs }, _, report) =>
    need(driver, 'snapshot')(id, localPath, { deadlineMs }, (done, total) => report({ what: `image of ${id}`, done, total })),
  dropSnapshot: async (driver, id) => driver.dropSnapshot?.(id),
  attachNic: (driver, id, { nic }) => need(driver, 'attachNic')(id, nic),
  detachNic: (driver, id, { mac }) => need(driver, 'detachNic')(id, mac),
  attachDisk: (driver, id, { disk, mustExist }) => need(driver, 'attachDisk')(id, disk, { mustExist }),
  detachDisk: (driver, id, { serial }) => need(driver, 'detachDisk')(id, serial),
  setPassword: (driver, id, { user, password }) => need(driver, 'setPassword')(id, user, password),
  survey: (driver, _, { deep }) => need(driver, 'survey')({ deep }),
  tidy: (driver, _, { orders }) => need(driver, 'tidy')(orders),
  removeCached: (driver, _, { digests, unusedForSeconds }) => need(driver, 'removeCached')(digests, unusedForSeconds),
}

/**
 * One host's side of the bus: finds the driver's method, runs it under the fence of the caller's epoch,
 * and answers with its result and the host commands that it ran (in a plan: would run).
 */
export function computeAgent(
  options: ComputeHost & {
    readonly makeDriver: MakeDriver
    /** The other hosts, for calls that reach two of them. */
    readonly peer?: (name: string) => Promise<ComputeHost>
    /** Shared by the agents of one plan. */
    readonly plans?: Plans
  },
): Serve {
  const { host, makeDriver, peer, plans = new Map() } = options
  return async (message, signal, report) => {
    const handler = Object.hasOwn(handlers, message.method)
      ? (handlers[message.method as keyof typeof handlers] as Handler)
      : undefined
    if (!handler) throw new Fault('unsupported', `host ${host.name} does not know the call ${message.method}`)
    const { args, serverId, epoch, plan } = message.args as Envelope
    const how = { serverId, epoch, plan, fence: !unfenced.has(message.method) }
    const views: { readonly commands: readonly string[]; readonly before: number }[] = []
    const enter = (there: ComputeHost): Host => {
      const { host, commands } = hostView(there, how, plans)
      views.push({ commands, before: commands.length })
      return host
    }
    const reach: Reach = async (name) => {
      if (!peer) throw new Fault('unsupported', `host ${host.name} reaches no other host`)
      const there = await peer(name)
      return { host: enter(there), instancesPath: there.instancesPath, address: there.address }
    }
    const driver = makeDriver({ host: enter(options), epoch })
    try {
      const result = await handler(driver, serverId ?? '', args, reach, report, signal)
      return { result: result ?? null, commands: views.flatMap(({ commands, before }) => commands.slice(before)) }
    } catch (error) {
      throw error instanceof Incapable ? incapable(host, error) : error
    }
  }
}
