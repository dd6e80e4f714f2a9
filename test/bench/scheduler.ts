/** How long one placement takes over 100, 1,000 and 10,000 hosts, beside sorting the same hosts by free RAM. */
import { selectHost, selectHosts } from '../../src/scheduler/select-hosts.ts'
import type { Candidate, Fleet, PlacementRequest } from '../../src/scheduler/types.ts'
import { aCandidate, aFleet, anAggregate, aPlacedServer, aRequest } from '../support/a-candidate.ts'
import type { Row } from './row.ts'

const serversPerHost = 10
const budgetMs = 10

/** Medians in milliseconds of: the hot path, the hot path with hints, a refusal, explain, and a call for ten servers. */
export async function benchScheduler(): Promise<Row[]> {
  const rows: Row[] = []
  for (const hosts of [100, 1_000, 10_000]) {
    const fleet = fleetOf(hosts)
    const sort = () => byFreeRam(fleet.candidates)
    const budget = `≤ ${budgetMs} ms p50`
    rows.push(row(`schedule 1 server over ${hosts} hosts`, () => selectHost(aRequest(), fleet, quick), sort, budget))
    rows.push(row(`schedule 1 server with hints over ${hosts} hosts`, () => selectHost(busyRequest, fleet, quick), sort, budget))
    rows.push(row(`refuse 1 server over ${hosts} hosts`, () => selectHost(tooLarge, fleet, quick), sort, ''))
    rows.push(row(`explain 1 server over ${hosts} hosts`, () => selectHost(aRequest(), fleet, full), sort, ''))
    rows.push(row(`schedule 10 servers over ${hosts} hosts`, () => selectHosts(ten, fleet, quick), sort, ''))
  }
  return rows
}

const random = () => 0.5
const quick = { explain: false, random }
const full = { explain: true, random }

const tooLarge = aRequest({ flavor: { ram: 1_000_000 } })
const ten = Array.from({ length: 10 }, (_, index) => aRequest({ serverId: `new-${index}` }))

const busyRequest: PlacementRequest = aRequest({
  availabilityZone: 'az2',
  flavor: { ram: 4096, vcpus: 2, extraSpecs: [['capabilities:cpu_info:features', '<in> aes']] },
  image: { properties: [['hw_architecture', 'x86_64']] },
  hints: { differentHost: ['server-7-1'], query: '["and", [">=", "$free_ram_mb", 1024], ["<", "$num_io_ops", 5]]' },
})

/** Hosts of several sizes, a third full, in three zones, one in twenty disabled. */
function fleetOf(hosts: number): Fleet {
  const zones = ['az1', 'az2', 'az3'].map((zone) => ({
    zone,
    aggregates: [anAggregate(['availability_zone', zone], ['ssd', 'true'])],
  }))
  return aFleet(Array.from({ length: hosts }, (_, index) => hostOf(index, zones[index % 3])))
}

function hostOf(index: number, place: Pick<Candidate, 'zone' | 'aggregates'> | undefined): Candidate {
  const name = `host-${index}`
  const memoryMb = 32_768 * (1 + (index % 4))
  const servers = Array.from({ length: serversPerHost }, (_, place) =>
    aPlacedServer({ id: `server-${index}-${place}`, host: name, busy: (index + place) % 9 === 0 }),
  )
  return aCandidate({
    ...place,
    name,
    servers,
    busyServers: servers.filter(({ busy }) => busy).length,
    record: { enabled: index % 20 !== 0, address: `10.${index >> 16}.${(index >> 8) & 255}.${index & 255}` },
    inventory: { memoryMb, vcpus: 16 },
    claimed: { ram: index % 10 < 3 ? memoryMb * 1.5 : (index * 37) % 20_000, vcpus: 10, disk: 100 },
    silentMs: 1_000,
  })
}

const byFreeRam = (candidates: readonly Candidate[]) =>
  [...candidates].sort(
    (left, right) => right.inventory.memoryMb - right.claimed.ram - (left.inventory.memoryMb - left.claimed.ram),
  )[0]

function row(work: string, measured: () => unknown, baseline: () => unknown, budget: string): Row {
  const { value, comparison } = medians(measured, baseline)
  return {
    work,
    value,
    unit: 'ms p50',
    comparedWith: 'the same hosts sorted by free RAM, no filter',
    comparison,
    ratio: value / comparison,
    budget,
    met: budget === '' || value <= budgetMs,
  }
}

/** Both in turns, so that a slow moment of the machine hits both. */
function medians(measured: () => unknown, baseline: () => unknown): { value: number; comparison: number } {
  for (let turn = 0; turn < 20; turn++) [measured(), baseline()]
  const values: number[] = []
  const comparisons: number[] = []
  for (let turn = 0; turn < 41; turn++) {
    values.push(timed(measured))
    comparisons.push(timed(baseline))
  }
  return { value: median(values), comparison: median(comparisons) }
}

function timed(work: () => unknown): number {
  const start = performance.now()
  work()
  return performance.now() - start
}

const median = (values: readonly number[]) => [...values].sort((left, right) => left - right)[values.length >> 1] ?? 0
