import { Fault, faultFrom } from '../../core/fault.ts'
import { count, list, name, object, pairs, reference, text, z } from '../../core/schema.ts'
import { serverView } from '../../model/server-view.ts'
import { type Context, defineAction } from '../context.ts'
import { acceptBoot, refuseBoot } from './accept-boot.ts'
import { askedNic } from './asked-nic.ts'
import type { BootInput } from './boot-records.ts'
import { finishAll, serverViews } from './server-flows.ts'

/** Bytes of user data that a server may have, as in Nova. */
const maxUserDataBytes = 65_535

export const create = defineAction({
  name: 'server.create',
  summary: 'boot a server',
  effect: 'write',
  policy: 'member',
  secrets: ['userData'],
  input: object({
    name: name().describe('name of the new server'),
    image: reference().optional().describe('image to boot from'),
    flavor: reference().describe('size of the server'),
    keyName: reference().optional().describe('key pair whose public key the guest gets'),
    userData: z.string().max(maxUserDataBytes).optional().describe('file with data for cloud-init, 65,535 bytes at most'),
    metadata: pairs().default([]).describe('metadata of the server'),
    availabilityZone: text().optional().describe('zone, or zone:host (admin)'),
    hints: pairs(32, 16_384).default([]).describe('hint for the scheduler: group, same_host, different_host, query …'),
    configDrive: z.boolean().default(true).describe('attach a config drive'),
    nic: text(80).default('user').describe('network: user, none, bridge=NAME or libvirt-network=NAME of the host'),
    minCount: count(1, 1000).default(1).describe('boot at least this many, or none'),
    maxCount: count(1, 1000).optional().describe('boot at most this many'),
    idempotencyKey: text(128).optional().describe('a second boot with this key returns the first server'),
    wait: z.boolean().default(true).describe('return when it is ACTIVE'),
  }),
  output: z.union([serverView, list(serverView)]),
  async run(input, context) {
    const checked: BootInput = { ...input, maxCount: Math.max(input.maxCount ?? input.minCount, input.minCount) }
    checkUserData(checked)
    askedNic(checked.nic)
    const ids = await boot(checked, context)
    const views = await serverViews(ids, context)
    const [only] = views
    return views.length === 1 && only ? only : views
  },
})

async function boot(input: BootInput, context: Context): Promise<readonly string[]> {
  const accepted = await acceptBoot(input, context).catch((fault) => refuseBoot(fault, input, context))
  if (!input.wait && !context.plan) await context.background()
  else await finishAll(accepted.flowIds, context)
  if (input.wait) await allBuilt(accepted.serverIds, context)
  return accepted.serverIds
}

const pollMs = 200

/** Waits for servers that another process builds; a boot that failed is a failure of its repetition too. */
async function allBuilt(ids: readonly string[], context: Context): Promise<void> {
  if (context.plan) return
  const deadline = context.clock.monotonic() + context.settings.computeDeadlineMs
  for (const id of ids) {
    let server = await context.store.read((reader) => reader.get('servers', id))
    while (server?.vmState === 'building') {
      await refuseBlocked(id, context)
      if (context.clock.monotonic() > deadline)
        throw new Fault('timeout', `server ${server.name} is still building`, { hint: `nova wait ${server.name}` })
      await context.clock.sleep(pollMs, context.signal)
      server = await context.store.read((reader) => reader.get('servers', id))
    }
    if (server?.vmState === 'error' && server.fault)
      throw new Fault(server.fault.kind, server.fault.message, { hint: `nova delete ${server.name}` })
  }
}

/** An operation that waits for somebody to mend something ends nothing by itself. */
async function refuseBlocked(serverId: string, { store }: Context): Promise<void> {
  const open = await store.read((reader) => reader.list('flows', { where: { serverId, open: true } }))
  const blocked = open.find(({ status }) => status === 'blocked')
  if (blocked?.fault) throw faultFrom(blocked.fault)
}

function checkUserData(input: BootInput): void {
  const bytes = Buffer.byteLength(input.userData ?? '')
  if (bytes > maxUserDataBytes) throw new Fault('invalid', `userData has ${bytes} bytes, the limit is ${maxUserDataBytes}`)
}
