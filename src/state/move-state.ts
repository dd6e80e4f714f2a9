/** Moves all revisions, secrets and archived servers of a store to an empty one, and proves that both hold the same. Goes on after a kill. */
import { Fault } from '../core/fault.ts'
import type { Movable, RawRevision } from './movable.ts'
import { archiveHash, moveArchive } from './move-archive.ts'
import type { RawChange } from './record.ts'

export interface MoveReport {
  readonly from: string
  readonly to: string
  readonly revisions: number
  /** Revisions that an earlier, interrupted move had copied. */
  readonly resumedAt: number
  readonly secrets: number
  /** Servers in the archive. */
  readonly archived: number
  /** Hash of all records, the same on both sides. */
  readonly stateHash: string
  /** Hash of all revisions with their numbers, times and authors, the same on both sides. */
  readonly historyHash: string
  /** Hash of all archived servers with their records, the same on both sides. */
  readonly archiveHash: string
}

type Hashes = Pick<MoveReport, 'stateHash' | 'historyHash' | 'archiveHash'>

/** Changes that are committed together in the target. */
const batchChanges = 2000

/** `conflict` while operations run, `exists` when the target holds something else, `internal` when the copies differ. */
export async function moveState(
  source: Movable,
  target: Movable,
  onCopied: (done: number, total: number) => void,
): Promise<MoveReport> {
  if (source.place === target.place) throw new Fault('invalid', `${source.place} cannot be moved to itself`)
  let report: MoveReport | undefined
  await source.leave(async () => {
    await refuseRunning(source)
    const resumedAt = await prepareTarget(source, target)
    const revisions = await source.read(async (reader) => reader.revision)
    const after = await beginTarget(source, target, resumedAt)
    await copyRevisions(source, target, after, (done) => onCopied(done, revisions))
    const secrets = await copySecrets(source, target)
    const archived = await moveArchive(source.archive, target.archive)
    const hashes = await compare(source, target)
    await target.setMovingFrom(undefined)
    report = { from: source.place, to: target.place, revisions, resumedAt, secrets, archived, ...hashes }
    return target.place
  })
  if (!report) throw new Fault('internal', 'the move ended without a report')
  return report
}

async function refuseRunning(source: Movable): Promise<void> {
  const open = await source.read((reader) => reader.count('flows', { where: { open: true } }))
  if (open === 0) return
  throw new Fault('conflict', `${source.place} has ${open} running operations`, { hint: 'let them end: nova operation resume' })
}

async function prepareTarget(source: Movable, target: Movable): Promise<number> {
  const newest = await target.read(async (reader) => reader.revision)
  const from = await target.movingFrom()
  if (newest > 0 && from !== source.place) {
    const whose = from === undefined ? '' : ` of an unfinished move from ${from}`
    throw new Fault('exists', `${target.place} already holds ${newest} revisions${whose}`, { hint: 'name an empty place' })
  }
  for await (const { serverId } of target.archive.entries()) {
    if (newest > 0) break
    throw new Fault('exists', `${target.place} already holds the archived server ${serverId}`, { hint: 'name an empty place' })
  }
  await target.setMovingFrom(source.place)
  return newest
}

/** A history whose older revisions were purged begins at the other place where it begins here. */
async function beginTarget(source: Movable, target: Movable, newest: number): Promise<number> {
  const start = newest === 0 ? await source.start() : undefined
  if (!start) return newest
  await target.begin(start)
  return start.revision
}

async function copyRevisions(source: Movable, target: Movable, after: number, onCopied: (done: number) => void): Promise<void> {
  let batch: RawRevision[] = []
  let changes = 0
  let next = after + 1
  const flush = async () => {
    if (batch.length > 0) await target.replay(batch)
    onCopied(next - 1)
    batch = []
    changes = 0
  }
  for await (const revision of source.revisions(after)) {
    if (revision.revision !== next) {
      throw new Fault(
        'unsupported',
        `revision ${next} is no longer in the history of ${source.place}: it starts at ${revision.revision}`,
        {
          hint: 'bring the archived history back; where it was purged since an earlier try, move to another empty place',
        },
      )
    }
    next += 1
    batch.push(revision)
    changes += revision.changes.length
    if (changes >= batchChanges) await flush()
  }
  await flush()
}

async function copySecrets(source: Movable, target: Movable): Promise<number> {
  let copied = 0
  for await (const { serverId, name, text } of source.vault.entries()) {
    await target.vault.put(serverId, name, text)
    if ((await target.vault.get(serverId, name)) !== text)
      throw new Fault('internal', `${target.place} keeps ${name} of ${serverId} otherwise`)
    copied += 1
  }
  return copied
}

async function compare(source: Movable, target: Movable): Promise<Hashes> {
  const [ours, theirs] = [await hashesOf(source), await hashesOf(target)]
  if (JSON.stringify(ours) === JSON.stringify(theirs)) return theirs
  throw new Fault(
    'internal',
    `${target.place} does not hold what ${source.place} holds: ${JSON.stringify(ours)}, ${JSON.stringify(theirs)}`,
    {
      hint: 'nothing was changed at the source; move to another empty place',
    },
  )
}

async function hashesOf(store: Movable): Promise<Hashes> {
  const { createHash } = await import('node:crypto')
  const hash = createHash('sha256')
  const add = ({ table, id, text }: RawChange) => hash.update(`${JSON.stringify([table, id])}${text?.toString() ?? 'null'}\n`)
  const start = await store.start()
  if (start) {
    hash.update(JSON.stringify([start.revision, start.at, start.purgedAt]))
    for await (const records of start.records()) records.forEach(add)
  }
  for await (const { revision, at, actor, request, action, changes } of store.revisions(start?.revision ?? 0)) {
    hash.update(JSON.stringify([revision, at, actor, request, action]))
    changes.forEach(add)
  }
  const historyHash = hash.digest('hex').slice(0, 32)
  return { stateHash: await store.stateHash(), historyHash, archiveHash: await archiveHash(store.archive) }
}
