/** What a server that was adopted from a host keeps of its domain: nova did not make it and never removes its disks. */
import { z } from '../core/schema.ts'

/** SHA-256 (hex) of a domain's definition, and of the running domain's as libvirt shows it; null when it does not run. */
export const domainDigests = z.object({ definition: z.string(), running: z.string().nullable() })
export type DomainDigests = z.infer<typeof domainDigests>

/** One disk of a domain that somebody else made. */
export const foreignDisk = z.object({
  target: z.string().describe('the guest sees it there, for example vda'),
  source: z.string().nullable().describe('file, device or volume on the host'),
  bytes: z.number().nullable().describe('as large as that to the guest'),
})
export type ForeignDisk = z.infer<typeof foreignDisk>

export const adoptedRecord = z.object({
  /** Its name in libvirt. */
  domain: z.string(),
  disks: z.array(foreignDisk),
  /** Equal before and after the adoption; null while it is under way. */
  adoption: domainDigests.nullable(),
  /** Equal before and after it was let go; null for one that is in our care. */
  release: domainDigests.nullable(),
})
