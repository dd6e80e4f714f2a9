import { Fault } from '../../core/fault.ts'
import { object, slug, text, z } from '../../core/schema.ts'
import { iso } from '../../core/time.ts'
import { type HostRecord, hostView } from '../../model/host.ts'
import { parseSshAddress } from '../../model/ssh-address.ts'
import type { Transaction } from '../../state/store.ts'
import { type Context, defineAction, reading, writing } from '../context.ts'
import { hostFields } from './host-fields.ts'
import { viewOfOne } from './host-use.ts'
import { readInventory } from './read-inventory.ts'

const input = object({
  name: slug().describe('name of the host'),
  driver: z.enum(['fake', 'qemu', 'libvirt']).default('qemu').describe('what runs its guests'),
  address: text(300)
    .regex(/^[A-Za-z0-9_[][A-Za-z0-9_.@:[\]$-]*$/)
    .default('local')
    .describe('local for this machine, else [user@]name[:port] for ssh'),
  identity: text(1024).optional().describe('private key of the ssh login; else the usual ones and the agent'),
  jump: text(1024).optional().describe('ssh hosts to pass through, with commas between them'),
  sudo: z.boolean().default(false).describe('run commands there with sudo -n'),
  acceptNew: z.boolean().default(false).describe('accept the key of a host that is not known yet'),
  instancesPath: text(1024)
    .regex(/^\/(?!.*(^|\/)\.\.(\/|$))/)
    .optional()
    .describe('absolute directory of its servers and cached images'),
  disabled: z.boolean().default(false).describe('takes no servers until it is enabled'),
  orReuse: z.boolean().default(false).describe('take the host of that name when there is one'),
  ...hostFields,
})
type Input = z.infer<typeof input>

export const add = defineAction({
  name: 'host.add',
  summary: 'add a host that runs servers',
  effect: 'write',
  policy: 'admin',
  input,
  output: hostView,
  async run(input, context) {
    checkAddress(input)
    if (input.acceptNew) context.acceptNewKey(input.name)
    const record = await register(input, context)
    const host = record.inventory === null ? await complete(record, input, context) : record
    return reading(context, (reader) => viewOfOne(reader, host, context))
  },
})

/** Every part of the way is checked before anything is kept. */
function checkAddress({ name, address, jump, identity, sudo, acceptNew, driver }: Input): void {
  if (address !== 'local') {
    if (driver === 'fake') throw new Fault('invalid', `host ${name} has the driver fake, which runs on this machine only`)
    for (const way of [address, ...(jump?.split(',') ?? [])]) parseSshAddress(way.trim())
    if (identity !== undefined && !/^(\/|~\/)/.test(identity))
      throw new Fault('invalid', `the identity ${identity} of host ${name} is no absolute path`)
    return
  }
  const given = [jump && '--jump', identity && '--identity', sudo && '--sudo', acceptNew && '--accept-new'].filter(Boolean)
  if (given.length > 0) throw new Fault('invalid', `${given.join(', ')} of host ${name} need an address to log in to`)
}

/** The driver is found by the record, so the record comes first, disabled: nothing is placed there before its inventory is known. */
const register = (input: Input, context: Context): Promise<HostRecord> =>
  writing(context, 'host.add', async (tx) => {
    const [same] = await tx.list('hosts', { where: { name: input.name }, limit: 1 })
    if (same && (input.orReuse || same.inventory === null)) return same
    if (same)
      throw new Fault('exists', `host ${same.name} exists already, with the id ${same.id}`, {
        hint: '--or-reuse takes it as it is',
      })
    const instancesPath = input.instancesPath ?? defaultPath(input, context)
    await refuseSharedPath(tx, input, instancesPath)
    return tx.insert('hosts', {
      id: context.random.uuid(),
      name: input.name,
      driver: input.driver,
      address: input.address,
      identityFile: input.identity ?? null,
      jump: input.jump ?? null,
      sudo: input.sudo,
      instancesPath,
      virtType: input.virtType ?? 'auto',
      enabled: false,
      disabledReason: 'its inventory was not read yet',
      cpuAllocationRatio: input.cpuAllocationRatio ?? null,
      ramAllocationRatio: input.ramAllocationRatio ?? null,
      diskAllocationRatio: input.diskAllocationRatio ?? null,
      reservedMemoryMb: input.reservedMemoryMb ?? null,
      reservedDiskGb: input.reservedDiskGb ?? null,
      inventory: null,
      lastSeenAt: null,
      failedBuilds: 0,
      createdAt: iso(context.clock.wall()),
    })
  })

/** Two hosts of one machine must not see, or destroy, each other's guests. */
async function refuseSharedPath(tx: Transaction, { name, address }: Input, instancesPath: string) {
  const [other] = await tx.list('hosts', { where: { address, instancesPath }, limit: 1 })
  if (other) throw new Fault('conflict', `host ${name} cannot use ${instancesPath}: host ${other.name} keeps its servers there`)
}

function defaultPath({ name, address }: Input, context: Context): string {
  if (address !== 'local') return '/var/lib/nova/instances'
  const { instancesPath } = context.settings
  if (instancesPath !== null) return `${instancesPath}/${name}`
  throw new Fault('invalid', 'instancesPath is missing', { hint: 'give --instances-path' })
}

async function complete(record: HostRecord, input: Input, context: Context): Promise<HostRecord> {
  const state = { enabled: !input.disabled, disabledReason: input.disabled ? 'added disabled' : null }
  try {
    return await readInventory(context, 'host.add', record, state)
  } catch (error) {
    await writing(context, 'host.add', (tx) => tx.remove('hosts', record.id))
    throw error
  }
}
