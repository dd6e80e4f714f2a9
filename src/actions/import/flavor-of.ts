/** What a domain takes of its host, as a flavor: the claim of its server. */
import { Fault } from '../../core/fault.ts'
import type { ForeignDomain } from '../../drivers/driver.ts'
import type { Flavor, FlavorCopy } from '../../model/flavor.ts'
import type { Reader } from '../../state/store.ts'
import type { Context } from '../context.ts'
import { findFlavor } from '../flavor/find-flavor.ts'

const gib = 1024 ** 3

/** Name of the copy that belongs to no flavor. */
export const unnamedFlavor = 'custom'

/** The flavor asked for when it is as large, else one that is equal, else an unnamed copy of the real size. */
export async function flavorOf(
  reader: Reader,
  domain: ForeignDomain,
  wanted: string | undefined,
  context: Context,
): Promise<FlavorCopy> {
  const { id, vcpus, ram } = domain
  const disk = Math.ceil(domain.disks.reduce((sum, { bytes }) => sum + (bytes ?? 0), 0) / gib)
  if (wanted !== undefined) return sameSize(await findFlavor(reader, wanted, context), { ...domain, disk })
  const flavors = await reader.list('flavors')
  const equal = flavors.find(
    (flavor) => flavor.vcpus === vcpus && flavor.ram === ram && flavor.extraSpecs.length === 0 && whole(flavor) === disk,
  )
  return equal ? copyOf(equal) : { id, name: unnamedFlavor, ram, vcpus, disk, ephemeral: 0, swap: 0, extraSpecs: [] }
}

/** GiB that a flavor claims of a server without an image. */
const whole = ({ disk, ephemeral, swap }: FlavorCopy) => disk + ephemeral + Math.ceil(swap / 1024)

/** More disk than the domain has is a larger claim; memory and processors are what they are. */
function sameSize(flavor: Flavor, has: { name: string; vcpus: number; ram: number; disk: number }): FlavorCopy {
  if (flavor.vcpus === has.vcpus && flavor.ram === has.ram && whole(flavor) >= has.disk) return copyOf(flavor)
  const told = ({ vcpus, ram, disk }: { vcpus: number; ram: number; disk: number }) => `${vcpus} vCPUs, ${ram} MB, ${disk} GB`
  throw new Fault(
    'invalid',
    `flavor ${flavor.name} has ${told({ ...flavor, disk: whole(flavor) })}, domain ${has.name} has ${told(has)}`,
    { hint: 'leave out --flavor: the server then has its real size' },
  )
}

const copyOf = ({ generation: _, isPublic: __, description: ___, createdAt: ____, ...copy }: Flavor): FlavorCopy => copy
