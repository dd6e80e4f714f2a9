import { Fault } from '../../core/fault.ts'
import { count, name, object, reference } from '../../core/schema.ts'
import { attachDisk } from '../../flows/attach-disk.ts'
import { fleetOf } from '../../flows/placement.ts'
import { changeServer } from '../../flows/server-steps.ts'
import { diskView } from '../../model/disk-view.ts'
import { guard } from '../../model/guards.ts'
import type { ExtraDisk, Server } from '../../model/server.ts'
import { diskFilter } from '../../scheduler/filters/disk-filter.ts'
import type { Transaction } from '../../state/store.ts'
import { type Context, defineAction, reading } from '../context.ts'
import { diskViews } from './list-disks.ts'
import { waitField } from './operate.ts'
import { placementRequest } from './placement-request.ts'
import { operate } from './server-flows.ts'

/** Of one server, besides those of its flavor. */
const most = 16
/** GiB of the largest. */
const largest = 65_536

export const addDisk = defineAction({
  name: 'server.add-disk',
  summary: 'give a server another, empty disk, while it runs or not; it goes with the server',
  effect: 'write',
  policy: 'member',
  input: object({
    server: reference().describe('name or id of the server'),
    size: count(1, largest).describe('GB'),
    name: name().optional().describe('name among the disks of the server; disk-1, disk-2 … when not given'),
    wait: waitField,
  }),
  output: diskView,
  async run(input, context) {
    const id = context.random.uuid()
    const [serverId = ''] = await operate([input.server], 'add-disk', input.wait, context, async (tx, server, own) => {
      guard('add-disk', server)
      const disk = newDisk(server, { id, name: input.name, sizeGb: input.size })
      await needRoom(tx, server, disk, context)
      // The claim: from here on its host has that much less.
      await changeServer(tx, server.id, { taskState: 'attaching_disk', disks: [...server.disks, disk] })
      return context.flows.begin(tx, attachDisk, { state: { disk }, server, call: context, own })
    })
    const view = (await reading(context, (reader) => diskViews(reader, serverId))).find((disk) => disk.id === id)
    if (view) return view
    throw new Fault('not-found', `server ${input.server} has lost its new disk: it was deleted meanwhile`)
  },
})

interface Wish {
  readonly id: string
  readonly name: string | undefined
  readonly sizeGb: number
}

function newDisk(server: Server, { id, name: asked, sizeGb }: Wish): ExtraDisk {
  const { disks } = server
  if (disks.length >= most)
    throw new Fault('conflict', `server ${server.name} has ${disks.length} extra disks, the most is ${most}`)
  const isTaken = (word: string) => disks.some((disk) => disk.name === word)
  if (asked !== undefined && isTaken(asked)) throw new Fault('conflict', `server ${server.name} has a disk ${asked} already`)
  const numbered = Array.from({ length: most }, (_, index) => `disk-${index + 1}`)
  const own = asked ?? numbered.find((word) => !isTaken(word)) ?? id
  // As much of its id as a virtio disk can show.
  return { id, name: own, sizeGb, serial: id.replaceAll('-', '').slice(-20), attachedAt: null }
}

/** The scheduler's own filter, for what comes on top of the server's claim. */
async function needRoom(tx: Transaction, server: Server, { sizeGb }: ExtraDisk, context: Context): Promise<void> {
  const fleet = await fleetOf(tx, context.settings)
  const candidate = fleet.candidates.find(({ name }) => name === server.host)
  if (!candidate || !fleet.settings.filters.includes(diskFilter.name)) return
  const request = { ...(await placementRequest(tx, server, context)), diskGb: sizeGb }
  const verdict = diskFilter.passes(candidate, request, fleet)
  if (verdict !== true) throw new Fault('no-valid-host', `host ${candidate.name} has no room for the disk: ${verdict.reason}`)
}

/** The server's extra disk of that name, id or serial; `not-found` names those that it has. */
export function diskOf({ name, disks }: Server, reference: string): ExtraDisk {
  const disk = disks.find((one) => one.name === reference) ?? disks.find((one) => [one.id, one.serial].includes(reference))
  if (disk) return disk
  const has = disks.length === 0 ? 'it has none' : `it has ${disks.map((one) => one.name).join(', ')}`
  throw new Fault('not-found', `server ${name} has no extra disk ${reference}: ${has}`)
}
