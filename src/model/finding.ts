import { z } from '../core/schema.ts'

/** Stable codes of what the doctor finds; a code never changes its meaning. */
export const findingCodes = {
  NVD001: 'a host runs or holds a guest that no record knows',
  NVD002: 'a host still holds the guest of a deleted server',
  NVD003: 'the host of a server does not hold its guest',
  NVD004: 'a guest is on another host than its record says',
  NVD005: 'a guest is on more than one host',
  NVD006: 'the power state of a guest is not what its record says',
  NVD007: 'a server is marked busy and no operation works on it',
  NVD008: 'an operation has no living process, or is blocked',
  NVD009: 'a host does not answer',
  NVD010: 'the claims on a host exceed what it has',
  NVD011: 'the file of an image is missing',
  NVD012: 'a server is on a host that is not known',
} as const
export type FindingCode = keyof typeof findingCodes

export const findingView = z.strictObject({
  code: z.enum(Object.keys(findingCodes) as [FindingCode, ...FindingCode[]]),
  severity: z.enum(['error', 'warning']),
  /** What it is about: `server web-1`, `host kvm1`. */
  object: z.string(),
  message: z.string(),
  /** What repairs it, in words; null when a person must decide. */
  repair: z.string().nullable(),
  /** After `--fix`: whether the repair was done. */
  fixed: z.boolean(),
})
export type Finding = z.infer<typeof findingView>
