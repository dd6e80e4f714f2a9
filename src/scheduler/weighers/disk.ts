import type { Weigher } from '../types.ts'

/** disk: GiB of the host that are not claimed, before over-commitment; positive spreads servers, negative stacks them. */
export const disk: Weigher = {
  name: 'disk',
  weigh: ({ inventory, reserved, claimed }) => inventory.diskGb - reserved.diskGb - claimed.disk,
}
