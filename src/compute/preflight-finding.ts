/** What a preflight finds about a host, and what it looked at. */
import { z } from '../core/schema.ts'
import type { HostRecord } from '../model/host.ts'

export const finding = z.object({
  check: z.string(),
  status: z.enum(['ok', 'warning', 'failed']),
  value: z.string().describe('what the host has'),
  advice: z.string().nullable().describe('what to install or change'),
})
export type Finding = z.infer<typeof finding>

export type Facts = ReadonlyMap<string, string>
export type CheckedHost = Pick<HostRecord, 'name' | 'driver' | 'address' | 'sudo' | 'virtType' | 'instancesPath'>

export const ok = (check: string, value: string): Finding => ({ check, status: 'ok', value, advice: null })
export const warning = (check: string, value: string, advice: string): Finding => ({ check, status: 'warning', value, advice })
export const failed = (check: string, value: string, advice: string): Finding => ({ check, status: 'failed', value, advice })
