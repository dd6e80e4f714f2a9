/** Takes the archive along when a state is moved; what an interrupted move has brought is not brought again. */
import { type Archive, type Tree, type WrittenTree, written } from './archive.ts'

/** Records that are added together. */
const batchRecords = 1000

/** Copies every tree that `target` does not have as it is, and resolves with how many there are. `conflict` while somebody archives. */
export async function moveArchive(source: Archive, target: Archive): Promise<number> {
  if (await isEmpty(source)) return 0
  return source.alone(() => target.alone(() => copyTrees(source, target)))
}

/** SHA-256 (half of it, hex) over every tree in the order of ids. */
export async function archiveHash(archive: Archive): Promise<string> {
  const { createHash } = await import('node:crypto')
  const hash = createHash('sha256')
  for (const one of [...(await hashesOf(archive))].sort()) hash.update(one.join(' '))
  return hash.digest('hex').slice(0, 32)
}

async function copyTrees(source: Archive, target: Archive): Promise<number> {
  const there = await hashesOf(target)
  const unsettled = new Set(await source.unsettled())
  const copied: string[] = []
  let batch: WrittenTree[] = []
  let records = 0
  const flush = async () => {
    if (batch.length > 0) await target.add(batch)
    batch = []
    records = 0
  }
  for await (const tree of source.trees()) {
    copied.push(tree.serverId)
    if (there.get(tree.serverId) === (await hashOf(tree))) continue
    batch.push(written(tree))
    records += tree.records.length
    if (records >= batchRecords) await flush()
  }
  await flush()
  // One that was unsettled there is so here: whoever archives next looks among the records that came along.
  await target.settle(copied.filter((id) => !unsettled.has(id)))
  return copied.length
}

async function hashesOf(archive: Archive): Promise<Map<string, string>> {
  const hashes = new Map<string, string>()
  for await (const tree of archive.trees()) hashes.set(tree.serverId, await hashOf(tree))
  return hashes
}

async function hashOf({ serverId, name, projectId, deletedAt, archivedAt, records }: Tree): Promise<string> {
  const { createHash } = await import('node:crypto')
  const text = JSON.stringify([serverId, name, projectId, deletedAt, archivedAt, records])
  return createHash('sha256').update(text).digest('hex')
}

async function isEmpty(archive: Archive): Promise<boolean> {
  for await (const _ of archive.entries()) return false
  return true
}
