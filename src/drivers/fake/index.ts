import { Fault, type FaultKind, faultKinds } from '../../core/fault.ts'
import type { Clock } from '../../core/ports.ts'
import type { WriteLocal } from '../../hosts/download.ts'
import type { Host } from '../../hosts/host.ts'
import type { PowerState } from '../../model/states.ts'
import { asideName } from '../aside.ts'
import type { Driver, GuestPlace, GuestState } from '../driver.ts'
import { fakeForeign, strangers } from './foreign.ts'
import type { Guest } from './guest.ts'
import { fakeHoldings } from './holdings.ts'
import { fakeHotPlug } from './hot-plug.ts'
import { inTurn } from './in-turn.ts'
import { fakeInventory } from './inventory.ts'
import { fakeLive, type LivePace } from './live.ts'
import { fakeMoves } from './moves.ts'
import { fakeSnapshots } from './snapshots.ts'

/**
 * Tells the fake to misbehave: `<instancesPath>/faults.json` holds a list of these.
 * `fail` throws, `slow` waits `ms` and goes on, `hang` waits for ever, `fail-after` does the work and then throws.
 * A slow `moveLive` takes `ms` in all and can be aborted; one that hangs never ends by itself, as of a guest that is too busy.
 */
export interface FakeFault {
  readonly call: keyof Driver | '*'
  readonly mode: 'fail' | 'fail-after' | 'slow' | 'hang'
  readonly ms?: number
  readonly kind?: FaultKind
  readonly message?: string
}

/** A hypervisor made of files: it survives the process, and can be told to fail, be slow or hang at any call. */
export function fakeDriver(options: {
  readonly host: Host
  readonly instancesPath: string
  readonly clock: Clock
  readonly epoch: number
  /** How images of guests get to the controller; as its files when left out. */
  readonly receive?: WriteLocal
}): Driver {
  const { host, instancesPath, clock, epoch } = options
  const directoryOf = (id: string) => `${instancesPath}/${id}`
  const fileOf = (id: string) => `${directoryOf(id)}/guest.json`

  async function load(id: string): Promise<Guest | undefined> {
    const bytes = await host.readFile(fileOf(id))
    return bytes === undefined ? undefined : (JSON.parse(bytes.toString('utf8')) as Guest)
  }

  async function existing(id: string): Promise<Guest> {
    const guest = await load(id)
    if (!guest?.spec) throw new Fault('not-found', `host ${host.name} has no guest ${id}`)
    return guest
  }

  const here: GuestPlace = { host, instancesPath }
  const tombOf = (id: string, at = here) => `${at.instancesPath}/.fences/${id}`

  /** Fencing in the fake's own way: a lower epoch than the guest has seen, even before it was destroyed, changes nothing. */
  async function fence(id: string, seen: number, at = here): Promise<void> {
    const buried = Number((await at.host.readFile(tombOf(id, at)))?.toString('utf8') ?? 0)
    const newest = Math.max(seen, buried)
    if (epoch < newest)
      throw new Fault('conflict', `guest ${id}: a newer operation took over (epoch ${newest}, this one has ${epoch})`)
  }

  const destroy = (id: string) => inTurn(`${host.name}:${directoryOf(id)}`, () => destroyNow(id))
  const change = (id: string, next: (guest: Guest) => Guest) =>
    inTurn(`${host.name}:${directoryOf(id)}`, () => changeNow(id, next))

  async function destroyNow(id: string): Promise<void> {
    const guest = await load(id)
    await fence(id, guest?.epoch ?? 0)
    if (guest?.isAdopted) throw new Fault('conflict', `guest ${id} on host ${host.name} was not made by nova`)
    await forgetNow(id)
  }

  async function forgetNow(id: string): Promise<void> {
    await fence(id, (await load(id))?.epoch ?? 0)
    await bury(id)
    await host.remove(directoryOf(id))
  }

  async function bury(id: string): Promise<void> {
    await host.mkdir(`${instancesPath}/.fences`)
    await host.writeFile(tombOf(id), String(epoch), { durable: false })
  }

  async function changeNow(id: string, next: (guest: Guest) => Guest): Promise<void> {
    const guest = (await load(id)) ?? {
      id,
      epoch,
      powerState: 'shutdown',
      spec: null,
      disks: [],
      configDrive: false,
      rescued: false,
      log: '',
    }
    await fence(id, guest.epoch)
    await host.mkdir(directoryOf(id))
    await host.writeFile(fileOf(id), JSON.stringify({ ...next(guest), epoch }), { durable: false })
    // Looking and writing are two operations: another process that destroyed the guest in between has the last word.
    await fence(id, 0).catch(async (fault: unknown) => {
      await host.remove(directoryOf(id))
      throw fault
    })
  }

  const power = (id: string, powerState: PowerState, line: string) =>
    existing(id).then(() => change(id, (guest) => ({ ...guest, powerState, log: `${guest.log}${line}\n` })))

  const stateOf = (guest: Guest): GuestState => ({
    id: guest.id,
    powerState: guest.powerState,
    detail: `fake guest, ${guest.disks.length} disks`,
    ...(guest.isAdopted ? { isAdopted: true } : {}),
  })

  async function list(): Promise<GuestState[]> {
    const names = (await host.readdir(instancesPath)).filter((name) => name !== asideName(name.slice(0, 36))).sort()
    const guests = await Promise.all(names.map((name) => load(name)))
    const own = guests.filter((guest) => guest !== undefined).map(stateOf)
    return [...own, ...(await strangers({ host, instancesPath, load }))]
  }

  const pace = async (seconds: number | undefined) => paceOf(await readFaults(host, instancesPath), seconds)

  const driver: Driver = {
    inventory: async () => fakeInventory(host.name),
    list,
    async inspect(id) {
      const guest = await load(id)
      return guest && stateOf(guest)
    },
    async spawn(spec) {
      const boot = `fake hypervisor: ${spec.name} up with ${spec.vcpus} vcpus and ${spec.ram} MB\n${spec.name} login:`
      const running = (await load(spec.id))?.powerState === 'running'
      await change(spec.id, (guest) => ({
        ...guest,
        spec,
        powerState: 'running',
        log: running ? guest.log : `${guest.log}${boot}\n`,
      }))
    },
    destroy,
    start: (id) => power(id, 'running', 'fake hypervisor: started'),
    async stop(id) {
      await power(id, 'shutdown', 'fake hypervisor: shut down')
      return { forced: false }
    },
    reboot: (id, { kind }) => power(id, 'running', `fake hypervisor: ${kind} reboot`),
    cacheImage: (image) => host.mkdir(`${instancesPath}/_base/${image.digest}`),
    createDisks: (spec) => change(spec.id, (guest) => ({ ...guest, disks: spec.disks.map((disk) => disk.role) })),
    recreateRootDisk: (spec) => change(spec.id, (guest) => ({ ...guest, spec, powerState: 'shutdown' })),
    createConfigDrive: (id) => change(id, (guest) => ({ ...guest, configDrive: true })),
    /** Nobody listens there but a test. */
    async consoleSocket(id) {
      await existing(id)
      const socket = `${directoryOf(id)}/console.sock`
      if (await host.stat(socket)) return socket
      throw new Fault('unsupported', `host ${host.name} has no console of guest ${id}: it is a fake hypervisor`, {
        hint: 'nova console log shows what it wrote',
      })
    },
    pause: (id) => power(id, 'paused', 'fake hypervisor: paused'),
    unpause: (id) => power(id, 'running', 'fake hypervisor: unpaused'),
    suspend: (id) => power(id, 'suspended', 'fake hypervisor: suspended'),
    resume: (id) => power(id, 'running', 'fake hypervisor: resumed'),
    async rescue(id) {
      await existing(id)
      await change(id, (guest) => ({ ...guest, rescued: true, powerState: 'running' }))
    },
    async unrescue(id) {
      await existing(id)
      await change(id, (guest) => ({ ...guest, rescued: false, powerState: 'running' }))
    },
    ...fakeMoves({ host, instancesPath, epoch, load, change, fence, bury }),
    ...fakeForeign({
      host,
      instancesPath,
      load,
      change,
      forget: (id) => inTurn(`${host.name}:${directoryOf(id)}`, () => forgetNow(id)),
    }),
    ...fakeLive({ host, instancesPath, epoch, load, change, fence, bury, clock, destroy, pace }),
    ...fakeHoldings({ host, instancesPath, clock }),
    ...fakeSnapshots({ host, instancesPath, receive: options.receive, existing }),
    ...fakeHotPlug({ existing, change }),
    consoleLog: async (id, bytes) => (await existing(id)).log.slice(-bytes),
    async diagnostics(id) {
      const guest = await existing(id)
      const maximum = guest.spec?.ram ?? 0
      return {
        powerState: guest.powerState,
        uptimeSeconds: null,
        cpuSeconds: null,
        memoryMb: { maximum, used: null },
        disks: [],
        nics: (guest.spec?.nics ?? []).map(({ mac }) => ({ mac, rxBytes: null, txBytes: null })),
        hypervisor: 'fake',
      }
    },
  }
  return misbehaving(driver, { faults: () => readFaults(host, instancesPath), clock })
}

async function readFaults(host: Host, instancesPath: string): Promise<readonly FakeFault[]> {
  const bytes = await host.readFile(`${instancesPath}/faults.json`)
  return bytes === undefined ? [] : (JSON.parse(bytes.toString('utf8')) as FakeFault[])
}

const roundMs = 50

/** A live move goes in four rounds that take no time, unless it is told otherwise or has little bandwidth. */
function paceOf(faults: readonly FakeFault[], seconds: number | undefined): LivePace {
  const fault = faults.find(isPace)
  if (fault?.mode === 'hang') return { rounds: Number.POSITIVE_INFINITY, roundMs }
  const ms = fault ? (fault.ms ?? 1000) : (seconds ?? 0) * 1000
  return ms > 0 ? { rounds: Math.ceil(ms / roundMs), roundMs } : { rounds: 4, roundMs: 0 }
}

const isPace = ({ call, mode }: FakeFault) => call === 'moveLive' && (mode === 'slow' || mode === 'hang')

/** The driver with every method behind the faults that are asked for. */
function misbehaving(driver: Driver, options: { faults: () => Promise<readonly FakeFault[]>; clock: Clock }): Driver {
  const wrapped = Object.entries(driver).map(([call, method]) => {
    const around = async (...args: unknown[]) => {
      const fault = (await options.faults()).find((rule) => (rule.call === call || rule.call === '*') && !isPace(rule))
      if (fault?.mode === 'slow') await options.clock.sleep(fault.ms ?? 1000)
      if (fault?.mode === 'hang') await options.clock.sleep(2 ** 31 - 1)
      if (fault?.mode === 'fail') throw faultOf(fault, call)
      const result: unknown = await (method as (...args: unknown[]) => Promise<unknown>)(...args)
      if (fault?.mode === 'fail-after') throw faultOf(fault, call)
      return result
    }
    return [call, around] as const
  })
  return Object.fromEntries(wrapped) as unknown as Driver
}

function faultOf(fault: FakeFault, call: string): Fault {
  const kind = fault.kind !== undefined && faultKinds.includes(fault.kind) ? fault.kind : 'internal'
  return new Fault(kind, fault.message ?? `fake ${call} failed as told`)
}
