import type { Weigher } from '../types.ts'

/** ram: MiB of the host that are not claimed, before over-commitment; positive spreads servers, negative stacks them. */
export const ram: Weigher = {
  name: 'ram',
  weigh: ({ inventory, reserved, claimed }) => inventory.memoryMb - reserved.memoryMb - claimed.ram,
}
