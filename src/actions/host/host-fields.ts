/** The settings of one host that admins may override. */
import { count, number, text, z } from '../../core/schema.ts'

const ratio = (what: string) => number(0.01, 1000).optional().describe(`how many times its ${what} may be promised`)

export const hostFields = {
  virtType: z.enum(['auto', 'kvm', 'qemu']).optional().describe('hardware virtualisation: auto tries it'),
  guestCpu: text(2048)
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}(,[+-][A-Za-z0-9][A-Za-z0-9._-]{0,63})*$/)
    .optional()
    .describe('CPU of its guests: host-model, host-passthrough, maximum, or MODEL,+feature,-feature'),
  cpuAllocationRatio: ratio('processors'),
  ramAllocationRatio: ratio('memory'),
  diskAllocationRatio: ratio('disk'),
  reservedMemoryMb: count(0, 2 ** 31 - 1)
    .optional()
    .describe('memory in MB kept for the host itself'),
  reservedDiskGb: count(0, 2 ** 31 - 1)
    .optional()
    .describe('disk in GB kept for the host itself'),
}
