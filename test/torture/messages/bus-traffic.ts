/** Random work for a cloud of two hosts: rounds of calls that go on side by side, each as a user makes it. */

import { addDisk } from '../../../src/actions/server/add-disk.ts'
import { confirm } from '../../../src/actions/server/confirm.ts'
import { create } from '../../../src/actions/server/create.ts'
import { remove } from '../../../src/actions/server/delete.ts'
import { liveMigrate } from '../../../src/actions/server/live-migrate.ts'
import { migrate } from '../../../src/actions/server/migrate.ts'
import { pause } from '../../../src/actions/server/pause.ts'
import { reboot } from '../../../src/actions/server/reboot.ts'
import { rebuild } from '../../../src/actions/server/rebuild.ts'
import { resize } from '../../../src/actions/server/resize.ts'
import { revert } from '../../../src/actions/server/revert.ts'
import { start } from '../../../src/actions/server/start.ts'
import { stop } from '../../../src/actions/server/stop.ts'
import { unpause } from '../../../src/actions/server/unpause.ts'
import type { AnyAction } from '../../../src/core/action.ts'

export interface BusCall {
  readonly action: AnyAction
  readonly server: string
  input(id: string): unknown
}

const names = ['v1', 'v2', 'v3', 'v4'] as const

const all = (id: string) => ({ servers: [id] })
const one = (id: string) => ({ server: id })
const onServers: readonly (readonly [AnyAction, (id: string) => unknown])[] = [
  [remove, all],
  [remove, all],
  [stop, all],
  [start, all],
  [pause, all],
  [unpause, all],
  [reboot, all],
  [reboot, (id) => ({ ...all(id), hard: true })],
  [rebuild, one],
  [resize, (id) => ({ ...one(id), flavor: 'm1.medium' })],
  [confirm, all],
  [revert, all],
  [migrate, one],
  [liveMigrate, one],
  [addDisk, (id) => ({ ...one(id), size: 1 })],
]

/** Four rounds of up to four calls; the first boots. */
export function busTraffic(random: () => number): readonly (readonly BusCall[])[] {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T
  let boots = 0
  const boot = (server: string): BusCall => {
    boots += 1
    const idempotencyKey = `boot-${boots}`
    return { action: create, server, input: () => ({ name: server, image: 'cirros', flavor: 'm1.small', idempotencyKey }) }
  }
  const call = (): BusCall => {
    const server = pick(names)
    if (random() < 0.2) return boot(server)
    const [action, input] = pick(onServers)
    return { action, server, input }
  }
  const later = Array.from({ length: 3 }, () => Array.from({ length: 1 + Math.floor(random() * 4) }, call))
  return [[boot('v1'), boot('v2'), boot('v3')], ...later]
}
