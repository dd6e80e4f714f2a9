/** Domains that somebody else made on a fake host: `<instancesPath>/foreign.json` holds a list of them. */
import { Fault } from '../../core/fault.ts'
import type { Host } from '../../hosts/host.ts'
import type { PowerState } from '../../model/states.ts'
import type { CareTaken, ForeignDomain, ForeignDomains, GuestSpec, GuestState } from '../driver.ts'
import type { Guest } from './guest.ts'

export interface FakeDomain {
  readonly id: string
  readonly name: string
  readonly powerState: PowerState
  readonly vcpus: number
  /** MiB. */
  readonly ram: number
  /** GiB. */
  readonly disk: number
  readonly mac: string
}

interface FakeTools {
  readonly host: Host
  readonly instancesPath: string
  load(id: string): Promise<Guest | undefined>
  change(id: string, next: (guest: Guest) => Guest): Promise<void>
  /** Forgets a guest in our care, under its fence. */
  forget(id: string): Promise<void>
}

const gib = 1024 ** 3

/** All of them, whether they are in our care or not. */
export async function fakeDomains({ host, instancesPath }: Pick<FakeTools, 'host' | 'instancesPath'>): Promise<FakeDomain[]> {
  const bytes = await host.readFile(`${instancesPath}/foreign.json`)
  return bytes === undefined ? [] : (JSON.parse(bytes.toString('utf8')) as FakeDomain[])
}

/** Those that are in nobody's care, as a driver's list shows them. */
export async function strangers(tools: Pick<FakeTools, 'host' | 'instancesPath' | 'load'>): Promise<GuestState[]> {
  const found = await Promise.all((await fakeDomains(tools)).map(async (one) => ((await tools.load(one.id)) ? [] : [one])))
  return found.flat().map(({ id, name, powerState }) => ({ id, powerState, detail: `fake domain ${name}`, isForeign: true }))
}

/** The fake's side of every adoption: a guest's file stands for the note of a real driver. */
export function fakeForeign({ host, instancesPath, load, change, forget }: FakeTools): ForeignDomains {
  const file = `${instancesPath}/foreign.json`

  const domains = () => fakeDomains({ host, instancesPath })

  async function domainOf(id: string): Promise<FakeDomain> {
    const domain = (await domains()).find((one) => one.id === id)
    if (domain) return domain
    throw new Fault('not-found', `host ${host.name} has no domain ${id}`)
  }

  return {
    foreignDomains: async () => Promise.all((await domains()).map(async (one) => told(one, await load(one.id)))),
    async adoptDomain(id) {
      const domain = await domainOf(id)
      if (!(await load(id))?.isAdopted)
        await change(id, (guest) => ({ ...guest, spec: specOf(domain), powerState: domain.powerState, isAdopted: true }))
      return careTaken(domain, (await load(id))?.powerState ?? domain.powerState)
    },
    async releaseDomain(id, { insist }) {
      const domain = (await domains()).find((one) => one.id === id)
      if (!domain && !insist) throw new Fault('not-found', `host ${host.name} has no domain ${id}`)
      const powerState = (await load(id))?.powerState ?? domain?.powerState ?? 'shutdown'
      const left = (await domains()).map((one) => (one.id === id ? { ...one, powerState } : one))
      if (await load(id)) await host.writeFile(file, JSON.stringify(left), { durable: false })
      await forget(id)
      return domain ? careTaken(domain, powerState) : { digests: { definition: '', running: null }, powerState }
    },
  }
}

const told = ({ id, name, vcpus, ram, disk, mac, powerState }: FakeDomain, guest: Guest | undefined): ForeignDomain => ({
  id,
  name,
  powerState: guest?.powerState ?? powerState,
  vcpus,
  ram,
  disks: disk > 0 ? [{ target: 'vda', source: `/srv/${name}.qcow2`, bytes: disk * gib }] : [],
  nics: [{ kind: 'bridge', source: 'br0', mac, address: null, sshPort: null }],
  obstacles: powerState === 'crashed' ? ['it is crashed'] : [],
})

async function careTaken({ powerState: _, ...definition }: FakeDomain, powerState: PowerState): Promise<CareTaken> {
  const { createHash } = await import('node:crypto')
  const digest = createHash('sha256').update(JSON.stringify(definition)).digest('hex')
  const isRunning = powerState === 'running' || powerState === 'paused'
  return { digests: { definition: digest, running: isRunning ? digest : null }, powerState }
}

const specOf = ({ id, name, vcpus, ram }: FakeDomain): GuestSpec => ({
  ...{ id, name, vcpus, ram, machine: 'q35', virtType: 'auto', cpuModel: null },
  ...{ disks: [], nics: [], kernel: null, rng: false },
})
