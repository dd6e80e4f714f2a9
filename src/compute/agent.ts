import type { Serve } from '../bus/bus.ts'
import { Fault } from '../core/fault.ts'
import type { Driver } from '../drivers/driver.ts'
import { fencedHost } from '../hosts/fenced-host.ts'
import type { Host } from '../hosts/host.ts'
import { recordingHost } from '../hosts/recording-host.ts'
import type { ComputeMethod } from './client.ts'

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
  'cacheImage',
  'consoleLog',
  'consoleSocket',
  'diagnostics',
  'setPassword',
])

type Handler = (driver: Driver, id: string, args: never) => Promise<unknown>

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
const handlers: Record<Exclude<ComputeMethod, 'preflight'>, (driver: Driver, id: string, args: any) => Promise<unknown>> = {
  inventory: (driver) => driver.inventory(),
  list: (driver) => driver.list(),
  inspect: (driver, id) => driver.inspect(id),
  cacheImage: async (driver, _, { image, localPath }) => driver.cacheImage?.(image, localPath),
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
  setPassword: (driver, id, { user, password }) => need(driver, 'setPassword')(id, user, password),
}

/**
 * One host's side of the bus: finds the driver's method, runs it under the fence of the caller's epoch,
 * and answers with its result and the host commands that it ran (in a plan: would run).
 */
export function computeAgent(options: {
  readonly host: Host
  readonly instancesPath: string
  readonly makeDriver: MakeDriver
  /** False for a driver that fences by itself. */
  readonly fenced: boolean
}): Serve {
  const { host, instancesPath, makeDriver, fenced } = options
  let planned: ReturnType<typeof recordingHost> | undefined
  return async (message) => {
    const handler = Object.hasOwn(handlers, message.method) ? (handlers[message.method as keyof typeof handlers] as Handler) : undefined
    if (!handler) throw new Fault('unsupported', `host ${host.name} does not know the call ${message.method}`)
    const { args, serverId, epoch, plan } = message.args as Envelope
    const open = !fenced || serverId === null || plan || unfenced.has(message.method)
    const guarded = open ? host : fencedHost(host, `${instancesPath}/${serverId}`, epoch)
    // One overlay for a whole plan: a later call sees what an earlier one would have written.
    if (plan) planned ??= recordingHost(host, { planning: true })
    const recording = plan && planned ? planned : recordingHost(guarded, { planning: false })
    const before = recording.commands.length
    const driver = makeDriver({ host: recording.host, epoch })
    try {
      const result = await handler(driver, serverId ?? '', args)
      return { result: result ?? null, commands: recording.commands.slice(before) }
    } catch (error) {
      throw error instanceof Incapable ? incapable(host, error) : error
    }
  }
}
