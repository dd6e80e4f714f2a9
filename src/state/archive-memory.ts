/** An archive in memory: what the others are compared with, and what tests use. */
import { Fault } from '../core/fault.ts'
import { type Archive, addCounts, type Tree } from './archive.ts'

export function memoryArchive(): Archive {
  const trees = new Map<string, Tree>()
  const open = new Set<string>()
  let isBusy = false
  return {
    place: 'memory',
    async alone(work) {
      if (isBusy) throw new Fault('conflict', 'the archive is being worked on')
      isBusy = true
      try {
        return await work()
      } finally {
        isBusy = false
      }
    },
    async add(added) {
      for (const { text, ...entry } of added) {
        trees.set(entry.serverId, { ...structuredClone(entry), records: JSON.parse(text) })
        open.add(entry.serverId)
      }
    },
    unsettled: async () => [...open],
    async unsettle(ids) {
      for (const id of ids) if (trees.has(id)) open.add(id)
    },
    async settle(ids) {
      for (const id of ids) open.delete(id)
    },
    async forget(ids) {
      for (const id of ids) {
        trees.delete(id)
        open.delete(id)
      }
    },
    get: async (id) => trees.get(id),
    async *entries() {
      for (const { records: _, ...entry } of trees.values()) yield entry
    },
    async *trees() {
      yield* [...trees.values()]
    },
    async purge(before, planned) {
      const going = [...trees.values()].filter(({ deletedAt }) => before === undefined || deletedAt < before)
      const counts = new Map<string, number>()
      for (const tree of going) {
        addCounts(counts, tree.counts)
        if (!planned) trees.delete(tree.serverId)
      }
      return { servers: going.length, counts }
    },
  }
}
