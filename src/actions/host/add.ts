import { Fault } from '../../core/fault.ts'
import { object, slug, text, z } from '../../core/schema.ts'
import { iso } from '../../core/time.ts'
import { type HostRecord, hostView } from '../../model/host.ts'
import type { Transaction } from '../../state/store.ts'
import { type Context, defineAction, reading, writing } from '../context.ts'
import { hostFields } from './host-fields.ts'
import { viewOfOne } from './host-use.ts'
import { readInventory } from './read-inventory.ts'

const input = object({
  name: slug().describe('name of the host'),
  driver: z.enum(['fake', 'qemu']).default('qemu').describe('what runs its guests'),
  address: slug(255).default('local').describe('local is this machine'),
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
    if (input.address !== 'local')
      throw new Fault('unsupported', `host ${input.name} has the address ${input.address}, only local hosts can be added yet`, {
        hint: 'leave --address out to add this machine',
      })
    const record = await register(input, context)
    const host = record.inventory === null ? await complete(record, input, context) : record
    return reading(context, (reader) => viewOfOne(reader, host, context))
  },
})

/** The driver is found by the record, so the record comes first, disabled: nothing is placed there before its inventory is known. */
const register = (input: Input, context: Context): Promise<HostRecord> =>
  writing(context, 'host.add', async (tx) => {
    const [same] = await tx.list('hosts', { where: { name: input.name }, limit: 1 })
    if (same && (input.orReuse || same.inventory === null)) return same
    if (same)
      throw new Fault('exists', `host ${same.name} exists already, with the id ${same.id}`, {
        hint: '--or-reuse takes it as it is',
      })
    const instancesPath = input.instancesPath ?? defaultPath(input.name, context)
    await refuseSharedPath(tx, input.name, instancesPath)
    return tx.insert('hosts', {
      id: context.random.uuid(),
      name: input.name,
      driver: input.driver,
      address: input.address,
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
async function refuseSharedPath(tx: Transaction, name: string, instancesPath: string) {
  const [other] = await tx.list('hosts', { where: { address: 'local', instancesPath }, limit: 1 })
  if (other) throw new Fault('conflict', `host ${name} cannot use ${instancesPath}: host ${other.name} keeps its servers there`)
}

function defaultPath(name: string, context: Context): string {
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
