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
  NVD013: 'a host holds a directory that has no guest and belongs to no server',
  NVD014: 'a host holds a guest that was put aside for a move that nobody waits for',
  NVD015: 'a host holds temporary files that nobody works on',
  NVD016: 'an image that disks of a host are based on is missing there',
  NVD017: 'a disk is damaged, or what it is based on is not there',
  NVD018: 'an image in the cache of a host is damaged',
  NVD019: 'a resize waits for its confirm longer than it may',
  NVD020: 'the clock of a host is wrong',
  NVD021: 'a host runs another version of its hypervisor than its record says',
  NVD022: 'a host has something else than its record says',
  NVD023: 'a host keeps fences of servers that are gone',
  NVD024: 'a host keeps ports or CPUs reserved for servers that are not there',
  NVD025: 'the confirm or the revert of a move was cut off, and nobody ends it',
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
