/** How a running fake guest moves: in rounds that take as long as it is told, with orders from other processes in a file. */
import { Fault } from '../../core/fault.ts'
import type { Clock } from '../../core/ports.ts'
import type { GuestPlace, LiveMoves, LiveOrder, LiveProgress, LiveResult } from '../driver.ts'
import type { Guest } from './guest.ts'
import { inTurn } from './in-turn.ts'
import type { FakeTools } from './moves.ts'

/** How a move was told to go: `rounds` of `roundMs` each; it never ends by itself when they are infinite. */
export interface LivePace {
  readonly rounds: number
  readonly roundMs: number
}

interface LiveTools extends FakeTools {
  readonly clock: Clock
  /** Runs alone, fenced. */
  destroy(id: string): Promise<void>
  /** `seconds` is what a limit of the bandwidth makes of it. */
  pace(seconds: number | undefined): Promise<LivePace>
}

/** Beside the guest on the source while it moves. */
interface Under {
  readonly order: 'abort' | 'force' | null
}

const mib = 1024 ** 2
const isAlive = (guest: Guest | undefined) => guest?.powerState === 'running' || guest?.powerState === 'paused'

/** The fake's side of live moves. Two hosts share their storage when `<instancesPath>/.shared` says the same on both. */
export function fakeLive({ host, instancesPath, clock, load, change, fence, destroy, pace }: LiveTools): LiveMoves {
  const underOf = (id: string) => `${instancesPath}/${id}/live.json`
  const wordOf = async (place: GuestPlace) => (await place.host.readFile(`${place.instancesPath}/.shared`))?.toString('utf8')

  async function sharesWith(_: string, to: GuestPlace): Promise<boolean> {
    const word = await wordOf({ host, instancesPath })
    return word !== undefined && word === (await wordOf(to))
  }

  const loadThere = async (id: string, to: GuestPlace): Promise<Guest | undefined> => {
    const bytes = await to.host.readFile(`${to.instancesPath}/${id}/guest.json`)
    return bytes === undefined ? undefined : (JSON.parse(bytes.toString('utf8')) as Guest)
  }

  /** What another process asks of the move. */
  const askedOf = async (id: string): Promise<Under['order']> => {
    const bytes = await host.readFile(underOf(id))
    return bytes === undefined ? null : (JSON.parse(bytes.toString('utf8')) as Under).order
  }

  const ask = async (id: string, order: Under['order']) =>
    host.writeFile(underOf(id), JSON.stringify({ order }), { durable: false })

  async function give(id: string, order: 'abort' | 'force'): Promise<void> {
    await fence(id, (await load(id))?.epoch ?? 0)
    if (await host.readFile(underOf(id))) await ask(id, order)
  }

  /** Round after round. */
  async function travel(id: string, ram: number, { bandwidth }: LiveOrder, report: (progress: LiveProgress) => void) {
    const { rounds, roundMs } = await pace(bandwidth === null ? undefined : ram / bandwidth)
    const total = ram * mib
    for (let round = 1; ; round += 1) {
      const order = await askedOf(id)
      if (order === 'abort') throw new Fault('conflict', `the live move of guest ${id} was aborted`)
      const remaining = order === 'force' || round >= rounds ? 0 : Math.max(mib, Math.floor(total * (1 - round / rounds)))
      const disks = { total: 0, remaining: 0 }
      report({ phase: remaining === 0 ? 'switch-over' : 'memory', disks, memory: { total, remaining } })
      if (remaining === 0) return
      if (roundMs > 0) await clock.sleep(roundMs)
      if (!isAlive(await load(id))) throw new Fault('conflict', `guest ${id} stopped while it moved`)
    }
  }

  /** The source stops first: there is never a moment with two that run. */
  async function switchOver(id: string, to: GuestPlace, guest: Guest): Promise<void> {
    await change(id, (now) => ({ ...now, powerState: 'shutdown', moved: { to: to.host.name, powerState: guest.powerState } }))
    try {
      await arrive(id, to, guest)
    } catch (error) {
      await change(id, (now) => ({ ...now, powerState: guest.powerState, moved: undefined }))
      throw error
    }
  }

  async function arrive(id: string, to: GuestPlace, guest: Guest): Promise<void> {
    const room = await loadThere(id, to)
    if (!room?.spec) throw new Fault('conflict', `host ${to.host.name} has no room for guest ${id}`)
    await fence(id, room.epoch, to)
    const { powerState, log, rescued, configDrive } = guest
    const there = { ...room, powerState, rescued, configDrive, log: `${log}fake hypervisor: moved to ${to.host.name}\n` }
    await to.host.writeFile(`${to.instancesPath}/${id}/guest.json`, JSON.stringify(there), { durable: false })
    // Looking and writing are two operations: who destroyed the guest in between has the last word.
    await fence(id, 0, to).catch(async (fault: unknown) => {
      await to.host.remove(`${to.instancesPath}/${id}`)
      throw fault
    })
  }

  async function moveLive(
    id: string,
    to: GuestPlace,
    spec: { readonly ram: number },
    order: LiveOrder,
    report: (progress: LiveProgress) => void,
  ): Promise<LiveResult> {
    const guest = await load(id)
    await fence(id, guest?.epoch ?? 0)
    const began = clock.monotonic()
    const result = { downtimeMs: 1, memoryBytes: spec.ram * mib, diskBytes: 0 }
    const room = await loadThere(id, to)
    if (isAlive(room) && !isAlive(guest)) return { ...result, totalMs: 0 }
    if (guest?.moved?.to === to.host.name) {
      await arrive(id, to, { ...guest, powerState: guest.moved.powerState })
      return { ...result, totalMs: 0 }
    }
    if (!guest?.spec) throw new Fault('not-found', `host ${host.name} has no guest ${id}`)
    if (!isAlive(guest)) throw new Fault('conflict', `guest ${id} is ${guest.powerState}: only one that runs moves live`)
    if (!room?.spec) throw new Fault('conflict', `host ${to.host.name} has no room for guest ${id}`)
    await ask(id, null)
    try {
      await travel(id, spec.ram, order, report)
      await inTurn(`${host.name}:switch:${id}`, () => switchOver(id, to, guest))
    } finally {
      await host.remove(underOf(id))
    }
    return { ...result, totalMs: Math.round(clock.monotonic() - began) }
  }

  return {
    sharesWith,
    // Guests of the fake stand on no image.
    async sendImages() {},
    async makeRoom(spec) {
      if (isAlive(await load(spec.id))) throw new Fault('conflict', `guest ${spec.id} runs on host ${host.name} already`)
      const disks = spec.disks.map(({ role }) => role)
      await change(spec.id, (guest) => ({ ...guest, spec, disks, powerState: 'pending' }))
    },
    moveLive,
    abortLive: (id) => give(id, 'abort'),
    forceLive: (id) => give(id, 'force'),
    async leave(id) {
      if (isAlive(await load(id))) throw new Fault('conflict', `guest ${id} runs on host ${host.name}`)
      await destroy(id)
    },
  }
}
