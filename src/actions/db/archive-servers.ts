/**
 * Moves the trees of deleted servers from the store to the archive. The archive is durable before a record leaves the store:
 * a kill in between leaves a tree in both, which the next run finds among the unsettled ones.
 */
import { Fault } from '../../core/fault.ts'
import type { Clock } from '../../core/ports.ts'
import { iso } from '../../core/time.ts'
import { type Archive, addCounts, countsOf, type WrittenTree, written } from '../../state/archive.ts'
import type { Authorship, Reader, Store } from '../../state/store.ts'
import { deletedServers } from './deleted-servers.ts'
import { gatherTree, isSameTree, keysOf, type TreeKey } from './gather-tree.ts'
import { letOthersIn, look, type Pace, readIndexes, rest } from './pace.ts'

export interface ArchiveRun {
  readonly store: Store
  readonly archive: Archive
  readonly clock: Clock
  readonly authorship: Authorship
  readonly signal: AbortSignal
  /** Only what was deleted before this ISO 8601 time. */
  readonly before: string | undefined
  /** Stops before the tree that would make it more, but takes one at least. */
  readonly mostRecords: number
  /** Milliseconds to rest after each batch. */
  readonly restMs: number
  /** Counts only. */
  readonly planned: boolean
  /** Told after each batch how many records went. */
  readonly onBatch: (records: number) => void
}

export interface Archived {
  servers: number
  readonly counts: Map<string, number>
  /** Deleted servers on which something still works, or that changed meanwhile: left for the next run. */
  busy: number
  /** False when it stopped before the end. */
  isComplete: boolean
}

/** A tree of a batch; its parsed records are left behind at once, as a batch lives long enough to become old in memory. */
interface Leaving {
  readonly tree: WrittenTree
  readonly keys: readonly TreeKey[]
}

/** Records that go into the archive together, and that leave the store in one transaction: fewer while others write too. */
const alone = { batch: 2000, transaction: 1000 }
const amongOthers = { batch: 400, transaction: 100 }

/** Servers whose trees are read at one moment. */
const together = 16

/** Archives until nothing is left, `mostRecords` are reached or the signal aborts. */
export async function archiveServers(run: ArchiveRun): Promise<Archived> {
  if (run.planned) return runOver(run)
  return run.archive.alone(async () => {
    await settle(run.store, run.archive)
    return runOver(run)
  })
}

/** Decides by the store about every tree whose archiver or restorer may have died half-way. */
export async function settle(store: Store, archive: Archive): Promise<void> {
  const ids = await archive.unsettled()
  if (ids.length === 0) return
  const live: string[] = []
  await store.read(async (reader) => {
    for (const id of ids) if (await reader.get('servers', id)) live.push(id)
  })
  await archive.forget(live)
  await archive.settle(ids.filter((id) => !live.includes(id)))
}

async function runOver(run: ArchiveRun): Promise<Archived> {
  const result: Archived = { servers: 0, counts: new Map(), busy: 0, isComplete: true }
  let left = run.mostRecords
  let batch: Leaving[] = []
  let size = 0
  const leaving = new Set<string>()
  const now = run.clock.monotonic()
  const pace: Pace = { expected: undefined, othersWrite: false, letIn: now, begun: now }
  const flush = async () => {
    if (batch.length > 0) await moveBatch(run, batch, result, pace)
    if (size > 0) run.onBatch(size)
    batch = []
    size = 0
    await rest(run.clock, pace)
    if (!run.planned) leaving.clear()
  }
  await readIndexes(run, pace)
  for await (const ids of someAtATime(deletedServers(run.store, run))) {
    await letOthersIn(run.clock, pace)
    if (run.signal.aborted) result.isComplete = false
    for (const tree of run.signal.aborted ? [] : await treesOf(run, ids, leaving, pace)) {
      const records = typeof tree === 'string' ? 0 : tree.keys.length
      result.isComplete = left > 0 && (records <= left || left === run.mostRecords)
      if (!result.isComplete) break
      if (tree === 'busy') result.busy += 1
      if (typeof tree === 'string') continue
      left -= tree.keys.length
      size += tree.keys.length
      batch.push(tree)
    }
    if (!result.isComplete) break
    // Never between trees of one moment: what is looked at together leaves together.
    if (size >= (pace.othersWrite ? amongOthers : alone).batch) await flush()
  }
  await flush()
  return result
}

/** Trees of one moment: each look at the store costs. Memory is bounded by `together`. */
async function* someAtATime(ids: AsyncIterable<string>): AsyncGenerator<readonly string[]> {
  let some: string[] = []
  for await (const id of ids) {
    some.push(id)
    if (some.length < together) continue
    yield some
    some = []
  }
  if (some.length > 0) yield some
}

function treesOf(
  { store, clock }: ArchiveRun,
  ids: readonly string[],
  leaving: Set<string>,
  pace: Pace,
): Promise<(Leaving | 'busy' | 'gone')[]> {
  return store.read(async (reader) => {
    look(pace, reader)
    const trees: (Leaving | 'busy' | 'gone')[] = []
    for (const id of ids) {
      const tree = await treeOf(reader, id, leaving, clock)
      if (typeof tree !== 'string') leaving.add(id)
      trees.push(tree)
    }
    return trees
  })
}

async function treeOf(
  reader: Reader,
  id: string,
  leaving: ReadonlySet<string>,
  clock: Pick<Clock, 'wall'>,
): Promise<Leaving | 'busy' | 'gone'> {
  const server = await reader.get('servers', id)
  if (!server?.deleted || server.deletedAt === null) return 'gone'
  const records = await gatherTree(reader, server, leaving)
  if (!records) return 'busy'
  const { name, projectId, deletedAt } = server
  const entry = { serverId: id, name, projectId, deletedAt, archivedAt: iso(clock.wall()), counts: countsOf(records) }
  return { tree: written({ ...entry, records }), keys: keysOf(records) }
}

async function moveBatch(run: ArchiveRun, batch: readonly Leaving[], result: Archived, pace: Pace): Promise<void> {
  if (run.planned) {
    for (const tree of batch) count(result, tree)
    return
  }
  const { archive, clock, restMs, signal } = run
  await archive.add(batch.map(({ tree }) => tree))
  const moved: Leaving[] = []
  try {
    const most = (pace.othersWrite ? amongOthers : alone).transaction
    for (const part of parts(batch, most)) moved.push(...(await removeTrees(run, part, pace)))
  } finally {
    for (const tree of moved) count(result, tree)
    const ids = new Set(moved.map(({ tree }) => tree.serverId))
    const left = batch.map(({ tree }) => tree.serverId).filter((id) => !ids.has(id))
    result.busy += left.length
    await archive.settle([...ids])
    // What stayed in the store is not archived. After a failed commit nobody knows: the next run looks.
    if (moved.length > 0 && left.length > 0) await settle(run.store, archive)
  }
  if (restMs > 0) await clock.sleep(restMs, signal).catch(ignoreAbort)
}

/** Removes the records of trees that are as they were when they were archived; resolves with those trees. */
async function removeTrees({ store, authorship, clock }: ArchiveRun, trees: readonly Leaving[], pace: Pace): Promise<Leaving[]> {
  await clock.sleep(0)
  return store.transaction(authorship, async (tx) => {
    // Whoever wrote at any time since the first tree of this batch was read may have changed one of them.
    const isQuiet = look(pace, tx) && !pace.othersWrite
    const removed: Leaving[] = []
    for (const tree of trees) {
      if (!isQuiet && !(await isAsArchived(tx, tree))) continue
      for (const { table, id } of tree.keys) await tx.remove(table, id)
      removed.push(tree)
    }
    if (removed.length > 0) pace.expected = tx.revision + 1
    return removed
  })
}

async function isAsArchived(tx: Reader, { tree: { serverId }, keys }: Leaving): Promise<boolean> {
  const server = await tx.get('servers', serverId)
  return server?.deleted === true && isSameTree(keys, await gatherTree(tx, server, new Set()))
}

/** Trees that leave the store together. */
function* parts(trees: readonly Leaving[], most: number): Generator<Leaving[]> {
  let part: Leaving[] = []
  let size = 0
  for (const tree of trees) {
    part.push(tree)
    size += tree.keys.length
    if (size < most) continue
    yield part
    part = []
    size = 0
  }
  if (part.length > 0) yield part
}

function count(result: Archived, { tree }: Leaving): void {
  result.servers += 1
  addCounts(result.counts, tree.counts)
}

function ignoreAbort(error: unknown): void {
  if (!(error instanceof Fault) || error.kind !== 'timeout') throw error
}
