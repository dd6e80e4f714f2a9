/** How a fake guest moves: its directory is renamed, and what its disks hold travels as one file. */
import { Fault } from '../../core/fault.ts'
import type { Host } from '../../hosts/host.ts'
import { asideName } from '../aside.ts'
import type { GuestPlace, Moves } from '../driver.ts'
import type { Guest } from './guest.ts'
import { inTurn } from './in-turn.ts'

/** What the fake's moves work with. */
export interface FakeTools {
  readonly host: Host
  readonly instancesPath: string
  readonly epoch: number
  load(id: string): Promise<Guest | undefined>
  change(id: string, next: (guest: Guest) => Guest): Promise<void>
  /** Refuses a lower epoch than was seen at that place. */
  fence(id: string, seen: number, at?: GuestPlace): Promise<void>
  /** Remembers the epoch beyond the guest's own file. */
  bury(id: string): Promise<void>
}

/** The fake's side of every move. */
export function fakeMoves({ host, instancesPath, epoch, load, change, fence, bury }: FakeTools): Moves {
  const directoryOf = (id: string) => `${instancesPath}/${id}`
  const asideOf = (id: string) => `${instancesPath}/${asideName(id)}`
  const arrivedOf = (id: string) => `${directoryOf(id)}/arrived.json`
  const alone = (id: string, work: () => Promise<void>) => inTurn(`${host.name}:${directoryOf(id)}`, work)

  async function setAside(id: string): Promise<void> {
    const guest = await load(id)
    await fence(id, guest?.epoch ?? 0)
    if (await host.stat(asideOf(id))) return
    if (!guest?.spec) throw new Fault('not-found', `host ${host.name} has no guest ${id}`)
    if (guest.powerState === 'running') throw new Fault('conflict', `guest ${id} runs: stop it first`)
    await bury(id)
    await host.rename(directoryOf(id), asideOf(id))
  }

  async function takeBack(id: string): Promise<void> {
    await fence(id, (await load(id))?.epoch ?? 0)
    await bury(id)
    if (!(await host.stat(asideOf(id)))) return
    await host.remove(directoryOf(id))
    await host.rename(asideOf(id), directoryOf(id))
  }

  async function dropAside(id: string): Promise<void> {
    await fence(id, (await load(id))?.epoch ?? 0)
    await host.remove(asideOf(id))
  }

  async function sendDisks(id: string, to: GuestPlace): Promise<void> {
    const bytes = await host.readFile(`${asideOf(id)}/guest.json`)
    if (bytes === undefined) throw new Fault('not-found', `host ${host.name} has put no guest ${id} aside`)
    const there = await to.host.readFile(`${to.instancesPath}/${id}/guest.json`)
    await fence(id, there === undefined ? 0 : (JSON.parse(there.toString('utf8')) as Guest).epoch, to)
    const { disks, configDrive, log } = JSON.parse(bytes.toString('utf8')) as Guest
    await to.host.mkdir(`${to.instancesPath}/${id}`)
    const sent = Buffer.from(JSON.stringify({ disks, configDrive, log }))
    await to.host.writeStream(`${to.instancesPath}/${id}/arrived.json`, oneChunk(sent))
    // Looking and writing are two operations: who destroyed the guest in between has the last word.
    await fence(id, 0, to).catch(async (fault: unknown) => {
      await to.host.remove(`${to.instancesPath}/${id}`)
      throw fault
    })
  }

  return {
    setAside: (id) => alone(id, () => setAside(id)),
    takeBack: (id) => alone(id, () => takeBack(id)),
    dropAside: (id) => alone(id, () => dropAside(id)),
    sendDisks,
    async adopt(spec) {
      const arrived = await host.readFile(arrivedOf(spec.id))
      const known = await load(spec.id)
      if (arrived === undefined && !known?.spec)
        throw new Fault('not-found', `no disks of ${spec.id} arrived on host ${host.name}`)
      // In a plan nothing arrives but the name of the file.
      const travelled = arrived?.length ? (JSON.parse(arrived.toString('utf8')) as Partial<Guest>) : {}
      await change(spec.id, (guest) => ({ ...guest, ...travelled, epoch, spec, disks: spec.disks.map(({ role }) => role) }))
      await host.remove(arrivedOf(spec.id))
    },
  }
}

async function* oneChunk(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}
