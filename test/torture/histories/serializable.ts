/**
 * What a history of transactions on lists shows of their isolation, as Elle finds it: lists tell the order of their versions, versions
 * tell who depends on whom, and a cycle of dependencies is an anomaly. Real time counts: this is strict serializability.
 */
import type { ListTransaction, Step } from './operation.ts'

type Kind = 'ww' | 'wr' | 'rw' | 'rt'
type Graph = Map<string, Map<string, Kind>>

/** Every anomaly as a line that begins with its name; none is a history that a serial execution explains. */
export function anomalies(transactions: readonly ListTransaction[]): string[] {
  const writers = new Map<string, ListTransaction>()
  for (const one of transactions) for (const step of appendsOf(one)) writers.set(`${step.key}:${step.value}`, one)
  const versions = versionsOf(transactions)
  const found = [...ownWrites(transactions), ...wrongReads(transactions, versions, writers), ...lost(transactions, versions)]
  return found.length > 0 ? found : cycles(graphOf(transactions, versions, writers))
}

const appendsOf = ({ steps }: ListTransaction) => steps.flatMap((step) => (step.kind === 'append' ? [step] : []))
const readsOf = ({ steps, status }: ListTransaction) =>
  status === 'done' ? steps.flatMap((step) => (step.kind === 'read' ? [step] : [])) : []

/** The longest list that anybody saw of each key. */
function versionsOf(transactions: readonly ListTransaction[]): ReadonlyMap<string, readonly number[]> {
  const longest = new Map<string, readonly number[]>()
  for (const read of transactions.flatMap(readsOf))
    if (read.saw.length > (longest.get(read.key)?.length ?? -1)) longest.set(read.key, read.saw)
  return longest
}

/** A transaction sees what it has itself appended. */
function ownWrites(transactions: readonly ListTransaction[]): string[] {
  const found: string[] = []
  for (const { id, steps, status } of transactions) {
    const own = new Map<string, number[]>()
    for (const step of status === 'done' ? steps : []) {
      const mine = own.get(step.key) ?? []
      if (step.kind === 'append') own.set(step.key, [...mine, step.value])
      else if (mine.some((value, at) => step.saw[step.saw.length - mine.length + at] !== value))
        found.push(`internal: ${id} does not see its own ${mine} of ${step.key} in ${step.saw}`)
    }
  }
  return found
}

type Writers = ReadonlyMap<string, ListTransaction>

function wrongReads(
  transactions: readonly ListTransaction[],
  versions: ReadonlyMap<string, readonly number[]>,
  writers: Writers,
) {
  const found: string[] = []
  for (const one of transactions)
    for (const { key, saw } of readsOf(one)) {
      const order = versions.get(key) ?? []
      if (saw.some((value, at) => order[at] !== value))
        found.push(`incompatible-order: ${one.id} saw ${saw} of ${key}, others ${order}`)
      if (new Set(saw).size !== saw.length) found.push(`duplicate: ${one.id} saw ${saw} of ${key}`)
      for (const value of saw) {
        const writer = writers.get(`${key}:${value}`)
        if (!writer || writer.status === 'refused') found.push(`G1a: ${one.id} saw ${value} of ${key}, which was taken back`)
      }
      const last = saw.at(-1)
      const writer = last === undefined ? undefined : writers.get(`${key}:${last}`)
      const final = writer && appendsOf(writer).findLast((step) => step.key === key)
      if (writer && writer !== one && final?.value !== last)
        found.push(`G1b: ${one.id} saw ${key} at ${last}, in the middle of ${writer.id}`)
    }
  return found
}

/** What was acknowledged is in the last list. */
const lost = (transactions: readonly ListTransaction[], versions: ReadonlyMap<string, readonly number[]>) =>
  transactions
    .filter(({ status }) => status === 'done')
    .flatMap((one) => appendsOf(one).map((step) => ({ id: one.id, ...step })))
    .filter(({ key, value }) => versions.has(key) && !versions.get(key)?.includes(value))
    .map(({ id, key, value }) => `lost: ${value} of ${key}, which ${id} appended`)

/** What a transaction saw of others: its own appends at the end are not theirs. */
function sawOfOthers({ id, steps }: ListTransaction, read: Step & { kind: 'read' }, writers: Writers): number {
  const own = steps
    .filter((step) => step.kind === 'append' && step.key === read.key)
    .map((step) => (step.kind === 'append' ? step.value : -1))
  return read.saw.filter((value) => !own.includes(value) || writers.get(`${read.key}:${value}`)?.id !== id).length
}

function graphOf(
  transactions: readonly ListTransaction[],
  versions: ReadonlyMap<string, readonly number[]>,
  writers: Writers,
): Graph {
  const graph: Graph = new Map(transactions.filter(({ status }) => status !== 'refused').map(({ id }) => [id, new Map()]))
  const edge = (from: string | undefined, to: string | undefined, kind: Kind) => {
    if (from === undefined || to === undefined || from === to) return
    const edges = graph.get(from)
    if (edges && !edges.has(to)) edges.set(to, kind)
  }
  for (const [key, order] of versions) {
    const writerOf = (at: number) => writers.get(`${key}:${order[at]}`)?.id
    for (let at = 1; at < order.length; at += 1) edge(writerOf(at - 1), writerOf(at), 'ww')
    for (const one of transactions)
      for (const read of readsOf(one).filter((each) => each.key === key)) {
        const seen = sawOfOthers(one, read, writers)
        if (seen > 0) edge(writerOf(seen - 1), one.id, 'wr')
        // The first version after it that is another's.
        const next = order.findIndex((_, at) => at >= seen && writerOf(at) !== one.id)
        if (next >= 0) edge(one.id, writerOf(next), 'rw')
      }
  }
  const done = transactions.filter(({ status }) => status === 'done')
  for (const one of done) for (const later of transactions) if (later.began > one.ended) edge(one.id, later.id, 'rt')
  return graph
}

/** One line for the shortest cycle through each place that has one. */
function cycles(graph: Graph): string[] {
  if (isAcyclic(graph)) return []
  const done = new Set<string>()
  const found: string[] = []
  for (const start of graph.keys()) {
    if (done.has(start)) continue
    const cycle = cycleFrom(graph, start)
    if (!cycle) continue
    for (const { id } of cycle) done.add(id)
    found.push(`${nameOf(cycle.map(({ kind }) => kind))}: ${cycle.map(({ id, kind }) => `${id} -${kind}->`).join(' ')} ${start}`)
  }
  return found
}

/** By taking away what depends on nothing, until nothing is left. */
function isAcyclic(graph: Graph): boolean {
  const waiting = new Map([...graph.keys()].map((id) => [id, 0]))
  for (const edges of graph.values()) for (const to of edges.keys()) waiting.set(to, (waiting.get(to) ?? 0) + 1)
  const free = [...waiting].flatMap(([id, count]) => (count === 0 ? [id] : []))
  let left = waiting.size
  for (let id = free.pop(); id !== undefined; id = free.pop()) {
    left -= 1
    for (const to of graph.get(id)?.keys() ?? []) {
      const count = (waiting.get(to) ?? 0) - 1
      waiting.set(to, count)
      if (count === 0) free.push(to)
    }
  }
  return left === 0
}

interface Link {
  readonly id: string
  readonly kind: Kind
}

function cycleFrom(graph: Graph, start: string): Link[] | undefined {
  const came = new Map<string, Link>()
  const line = [start]
  for (let id = line.shift(); id !== undefined; id = line.shift())
    for (const [to, kind] of graph.get(id) ?? []) {
      if (to === start) return pathTo({ id, kind }, came, start)
      if (came.has(to)) continue
      came.set(to, { id, kind })
      line.push(to)
    }
  return undefined
}

function pathTo(last: Link, came: ReadonlyMap<string, Link>, start: string): Link[] {
  const links = [last]
  for (let id = last.id; id !== start; ) {
    const link = came.get(id)
    if (!link) break
    links.unshift(link)
    id = link.id
  }
  return links
}

function nameOf(kinds: readonly Kind[]): string {
  const antis = kinds.filter((kind) => kind === 'rw').length
  const isStrict = kinds.includes('rt') ? ' (in real time)' : ''
  if (antis === 1) return `G-single${isStrict}`
  if (antis > 1) return `G2-item${isStrict}`
  return `${kinds.includes('wr') ? 'G1c' : 'G0'}${isStrict}`
}
