import { object, reference, z } from '../../core/schema.ts'
import { hostView } from '../../model/host.ts'
import { defineAction, writing } from '../context.ts'
import { find } from '../find.ts'
import { viewOfOne } from './host-use.ts'

const flag = (what: string) => z.boolean().default(false).describe(`take the ${what} of its aggregate or of the settings`)

export const unset = defineAction({
  name: 'host.unset',
  summary: 'drop what was set for a host alone',
  effect: 'write',
  policy: 'admin',
  input: object({
    host: reference().describe('name or id of the host'),
    guestCpu: z.boolean().default(false).describe("take the hypervisor's usual CPU for its guests"),
    cpuAllocationRatio: flag('cpu ratio'),
    ramAllocationRatio: flag('ram ratio'),
    diskAllocationRatio: flag('disk ratio'),
    reservedMemoryMb: flag('reserved memory'),
    reservedDiskGb: flag('reserved disk'),
  }),
  output: hostView,
  run: (input, context) =>
    writing(context, 'host.unset', async (tx) => {
      const host = await find(tx, 'hosts', input.host, context)
      const changed = await tx.update('hosts', {
        ...host,
        guestCpu: input.guestCpu ? null : host.guestCpu,
        cpuAllocationRatio: input.cpuAllocationRatio ? null : host.cpuAllocationRatio,
        ramAllocationRatio: input.ramAllocationRatio ? null : host.ramAllocationRatio,
        diskAllocationRatio: input.diskAllocationRatio ? null : host.diskAllocationRatio,
        reservedMemoryMb: input.reservedMemoryMb ? null : host.reservedMemoryMb,
        reservedDiskGb: input.reservedDiskGb ? null : host.reservedDiskGb,
      })
      return viewOfOne(tx, changed, context)
    }),
})
