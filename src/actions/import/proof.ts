/** What an adoption and a release answer: the server, and the digests that prove that its domain stayed as it was. */
import { Fault } from '../../core/fault.ts'
import { z } from '../../core/schema.ts'
import type { nicRecord } from '../../model/server.ts'
import { statusOf } from '../../model/states.ts'
import type { Reader } from '../../state/store.ts'

export const proof = z.object({
  id: z.string(),
  name: z.string(),
  host: z.string().nullable(),
  domain: z.string().describe('its name in libvirt'),
  status: z.string(),
  powerState: z.string(),
  flavor: z.string(),
  vcpus: z.int(),
  ram: z.int(),
  disk: z.int(),
  addresses: z.array(z.string()),
  macs: z.array(z.string()),
  definition: z.string().nullable().describe('SHA-256 of its definition, equal before and after'),
  running: z.string().nullable().describe('SHA-256 of what runs, equal before and after; null when nothing does'),
  unchanged: z.boolean().describe('whether its definition is the one it was adopted with'),
})
export type Proof = z.infer<typeof proof>

/** The proof in a server's record: of its release, or else of its adoption. In a plan there is none yet. */
export async function proofOf(reader: Reader, id: string): Promise<Proof> {
  const server = await reader.get('servers', id)
  if (!server?.adopted) throw new Fault('not-found', `server ${id} is gone`)
  const { domain, adoption, release } = server.adopted
  const shown = release ?? adoption
  const { name, host, powerState, flavor, nics } = server
  return {
    ...{ id, name, host, domain, powerState },
    status: statusOf(server),
    ...{ flavor: flavor.name, vcpus: flavor.vcpus, ram: flavor.ram, disk: flavor.disk },
    addresses: nics.flatMap(({ address }: z.infer<typeof nicRecord>) => address ?? []),
    macs: nics.map(({ mac }) => mac),
    definition: shown?.definition ?? null,
    running: shown?.running ?? null,
    unchanged: shown?.definition === adoption?.definition,
  }
}
