/** The composition root's side of the hosts: which adapters serve a host's record. */
import type { Bus, Serve } from '../bus/bus.ts'
import type { ComputeClient } from '../compute/client.ts'
import type { ComputeHost, Plans } from '../compute/host-view.ts'
import { Fault } from '../core/fault.ts'
import type { Driver } from '../drivers/driver.ts'
import type { WriteLocal } from '../hosts/download.ts'
import type { Host } from '../hosts/host.ts'
import type { SshHosts } from '../hosts/ssh-hosts.ts'
import { lazily } from '../lazily.ts'
import type { HostRecord } from '../model/host.ts'
import { parseSshAddress } from '../model/ssh-address.ts'
import type { Settings } from '../settings.ts'
import type { Store } from '../state/store.ts'
import { systemClock as clock } from '../system/clock.ts'
import { systemRandom as random } from '../system/random.ts'
import type { ServiceImages } from './service-images.ts'

interface ComputeOptions {
  readonly store: Store
  readonly settings: Settings
  readonly plan: boolean
  readonly remote: SshHosts
  /** Where the hosts are served by other processes too; a plan only looks, and does it from here. */
  readonly bus?: Bus | undefined
}

/** The client of the compute hosts, over an in-process bus that brings a host's agent into being on its first call. */
export function makeCompute({ store, settings, plan, remote, bus }: ComputeOptions): ComputeClient {
  return lazily<ComputeClient>(async () => {
    const [{ computeClient }, { localBus }] = await Promise.all([import('../compute/client.ts'), import('../bus/local.ts')])
    const fleet: Fleet = { recordOf: hostRecords(store), remote, plans: new Map() }
    const here: Bus = localBus({ clock, resolve: (topic) => agentFor(topic, fleet) })
    return computeClient({ bus: bus && !plan ? bus : here, deadlineMs: settings.computeDeadlineMs, plan })
  })
}

export interface Fleet {
  recordOf(name: string): Promise<HostRecord | undefined>
  readonly remote: SshHosts
  readonly plans: Plans
  /** In a service among others: images come from those, and what hosts send waits here. */
  readonly images?: ServiceImages | undefined
}

/** The agent of a host's topic; undefined when nobody knows the host. */
export async function agentFor(topic: string, fleet: Fleet): Promise<Serve | undefined> {
  const record = await fleet.recordOf(topic.slice('compute.'.length))
  if (!record) return undefined
  const [{ computeAgent }, { preflightAgent }] = await Promise.all([
    import('../compute/agent.ts'),
    import('../compute/preflight-agent.ts'),
  ])
  const peer = async (name: string) => {
    const other = await fleet.recordOf(name)
    if (other) return computeHost(other, fleet)
    throw new Fault('not-found', `host ${name} is not known`)
  }
  const host = await computeHost(record, fleet)
  const agent = computeAgent({ ...host, makeDriver: await driverMaker(record, fleet.images), peer, plans: fleet.plans })
  return preflightAgent({ host: host.host, record, clock, agent })
}

/** Finds hosts by name in a store. */
export const hostRecords = (store: Store) => async (name: string) =>
  (await store.read((reader) => reader.list('hosts', { where: { name }, limit: 1 })))[0]

const computeHost = async (record: HostRecord, { remote }: Fleet): Promise<ComputeHost> => ({
  host: await hostFor(record, remote),
  instancesPath: record.instancesPath,
  address: record.address === 'local' ? undefined : parseSshAddress(record.address).host,
  fenced: record.driver !== 'fake',
})

/** The host of a record: this machine, or one reached by ssh. */
export async function hostFor(record: HostRecord, remote: SshHosts): Promise<Host> {
  if (record.address !== 'local') return remote.open(record)
  const { localHost } = await import('../hosts/local.ts')
  return localHost({ name: record.name, clock })
}

const receive: WriteLocal = async (localPath, source) => {
  const { writeLocal } = await import('../hosts/local-stream.ts')
  return writeLocal('controller', localPath, source)
}

type MakeDriver = (options: { host: Host; epoch: number }) => Driver

async function driverMaker(record: HostRecord, images: ServiceImages | undefined): Promise<MakeDriver> {
  if (!images) return plainDriverMaker(record, receive)
  const [{ suppliedDriver }, make] = await Promise.all([import('./supplied-driver.ts'), plainDriverMaker(record, images.receive)])
  return (options) => suppliedDriver(make(options), images)
}

async function plainDriverMaker(record: HostRecord, receive: WriteLocal): Promise<MakeDriver> {
  const { instancesPath, virtType } = record
  if (record.driver === 'fake') {
    const { fakeDriver } = await import('../drivers/fake/index.ts')
    return ({ host, epoch }) => fakeDriver({ host, instancesPath, clock, epoch, receive })
  }
  if (record.driver === 'libvirt') {
    const { libvirtDriver } = await import('../drivers/libvirt/index.ts')
    return ({ host }) => libvirtDriver({ host, instancesPath, clock, random, virtType, receive })
  }
  const { qemuDriver } = await import('../drivers/qemu/index.ts')
  return ({ host }) => qemuDriver({ host, instancesPath, clock, random, virtType, receive })
}
