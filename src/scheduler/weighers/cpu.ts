import { freeVcpus } from '../capacity.ts'
import type { Weigher } from '../types.ts'

/** cpu: vCPUs that may still be claimed, over-commitment included; positive spreads servers, negative stacks them. */
export const cpu: Weigher = { name: 'cpu', weigh: freeVcpus }
