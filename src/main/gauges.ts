/** What the metrics and `nova top` show of the records: read at most once a revision. */
import { readdirSync, statSync } from 'node:fs'
import type { Gauges } from '../api/metrics.ts'
import { fromIso } from '../core/time.ts'
import { statusOf } from '../model/states.ts'
import type { Core } from './core.ts'

type OfRecords = Pick<Gauges, 'flowsOpen' | 'flows' | 'revision' | 'hosts' | 'serversByState'>

/** Operations that are shown with their steps. */
const mostFlows = 100

/** Reads the gauges of a core's records. */
export function recordGauges(core: Core): () => Promise<OfRecords> {
  let last: OfRecords | undefined
  return async () => {
    last = await core.store.read(async (reader) => {
      if (last?.revision === reader.revision) return last
      const serversByState = new Map<string, number>()
      for (const server of await reader.list('servers', { where: { deleted: false } })) {
        const state = statusOf(server)
        serversByState.set(state, (serversByState.get(state) ?? 0) + 1)
      }
      const hosts = (await reader.list('hosts')).map(({ name, enabled, inventory }) => ({
        name,
        enabled,
        isUp: inventory !== null,
      }))
      const open = await reader.list('flows', { where: { open: true }, limit: mostFlows })
      const flows = open.map(({ action, label, steps, createdAt }) => ({
        action,
        label,
        step: steps.find(({ status }) => status === 'running' || status === 'failed')?.name ?? 'waiting',
        begunAt: fromIso(createdAt),
      }))
      const flowsOpen = await reader.count('flows', { where: { open: true } })
      return { revision: reader.revision, serversByState, hosts, flowsOpen, flows }
    })
    return last
  }
}

/** Bytes of the journal files in a state directory; 0 for records that are kept elsewhere. */
export function journalBytes(stateDirectory: string): number {
  try {
    return readdirSync(stateDirectory)
      .filter((name) => name.startsWith('journal.'))
      .reduce((sum, name) => sum + statSync(`${stateDirectory}/${name}`).size, 0)
  } catch {
    return 0
  }
}
