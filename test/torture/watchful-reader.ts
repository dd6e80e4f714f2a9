/** Reads a state directory all the time, as a process of its own would, and notes every revision that is not whole. */

import { openJsonStore } from '../../src/state/json/json-store.ts'
import type { Reader } from '../../src/state/store.ts'
import { systemClock } from '../../src/system/clock.ts'
import { systemFs } from '../../src/system/fs.ts'

export interface Watch {
  /** Ends the reading. */
  stop(): Promise<{ readonly reads: number; readonly revisions: number; readonly findings: readonly string[] }>
}

export function watchState(directory: string): Watch {
  const found = new Set<string>()
  let [reads, revisions, last, stopped] = [0, 0, 0, false]
  const loop = async () => {
    const store = openJsonStore({ directory, fs: systemFs, clock: systemClock, readOnly: true })
    while (!stopped) {
      await store.read(async (reader) => {
        if (reader.revision < last) found.add(`REV ${reader.revision} was seen after ${last}`)
        if (reader.revision > last) {
          revisions += 1
          for (const finding of await halfRevision(reader)) found.add(finding)
        }
        last = reader.revision
      })
      reads += 1
      await systemClock.sleep(5)
    }
    await store.close()
  }
  const done = loop()
  return {
    stop: async () => {
      stopped = true
      await done
      return { reads, revisions, findings: [...found] }
    },
  }
}

/** Records that are only ever written together are there together. */
async function halfRevision(reader: Reader): Promise<string[]> {
  const [servers, open, requests] = await Promise.all([
    reader.list('servers', { where: { deleted: false } }),
    reader.list('flows', { where: { open: true } }),
    reader.list('requests'),
  ])
  const ids = new Set((await reader.list('servers')).map((server) => server.id))
  const busy = new Set(open.map((flow) => flow.serverId))
  return [
    ...servers
      .filter((server) => server.taskState !== null && !busy.has(server.id))
      .map(({ name }) => `REV ${name} is busy alone`),
    ...open.filter((flow) => !ids.has(flow.serverId)).map((flow) => `REV operation ${flow.label} came before its server`),
    ...requests
      .flatMap((request) => request.serverIds)
      .filter((id) => !ids.has(id))
      .map((id) => `REV request before server ${id}`),
  ]
}
