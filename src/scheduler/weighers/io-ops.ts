import { busyServers } from '../host-attribute.ts'
import type { Weigher } from '../types.ts'

/** io-ops: servers being built or moved on the host; a negative multiplier prefers quiet hosts. */
export const ioOps: Weigher = { name: 'io-ops', weigh: busyServers }
