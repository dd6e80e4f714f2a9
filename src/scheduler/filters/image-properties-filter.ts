import { defineFilter } from '../define-filter.ts'
import type { ImageFacts, PlacementRequest } from '../types.ts'
import { versionPredicate } from '../version.ts'

/**
 * ImagePropertiesFilter: the host runs guests of the image's `hw_architecture` (`architecture`), `img_hv_type`
 * (`hypervisor_type`) and `hw_vm_mode` (`vm_mode`), all in one of its supported combinations, and its hypervisor's
 * version meets `img_hv_requested_version` (`hypervisor_version_requires`, for example `>=6.0,<9`). Plain QEMU hosts give no
 * UEFI (`hw_firmware_type`) and no TPM (`hw_tpm_version`, or `hw:tpm_version` of the flavor).
 */
export const imagePropertiesFilter = defineFilter('ImagePropertiesFilter', ({ image, flavor }) => {
  const { wanted, version, accepts } = wantedOf(image)
  const parts = partsOf(image, flavor)
  if (wanted.every((value) => value === undefined) && accepts === undefined && parts.length === 0) return null
  const change = 'use an image without these properties'
  return ({ inventory, record }) => {
    if (parts.length > 0 && record.driver === 'qemu') {
      return {
        reason: `it wants ${parts.join(' and ')}, which a host of the driver qemu does not give`,
        change: 'use a libvirt host',
      }
    }
    const supported = inventory.supportedInstances
    if (wanted.some((value) => value !== undefined) && !supported.some((instance) => isMet(wanted, instance))) {
      const has = supported.map((instance) => instance.join('/')).join(', ') || 'nothing'
      return { reason: `the image wants ${wanted.map((value) => value ?? 'any').join('/')}, the host runs ${has}`, change }
    }
    if (!accepts || inventory.hypervisorVersion === '' || accepts(inventory.hypervisorVersion)) return true
    const has = `${inventory.hypervisorType} ${inventory.hypervisorVersion}`
    return { reason: `the image wants hypervisor version ${version}, the host has ${has}`, change }
  }
})

type Wanted = readonly (string | undefined)[]

const isMet = (wanted: Wanted, instance: readonly string[]) =>
  wanted.every((value, index) => value === undefined || value === instance[index]?.toLowerCase())

/** Parts of a machine that only some drivers make. */
function partsOf(image: ImageFacts | null, { extraSpecs }: PlacementRequest['flavor']): string[] {
  const properties = new Map(image?.properties ?? [])
  return [
    ...(properties.get('hw_firmware_type') === 'uefi' ? ['UEFI'] : []),
    ...(properties.has('hw_tpm_version') || new Map(extraSpecs).has('hw:tpm_version') ? ['a TPM'] : []),
  ]
}

function wantedOf(image: ImageFacts | null) {
  const properties = new Map(image?.properties ?? [])
  const first = (...names: string[]) =>
    names.map((name) => properties.get(name)).find((value) => value !== undefined && value !== '')
  const version = first('img_hv_requested_version', 'hypervisor_version_requires')
  const wanted: Wanted = [
    canonical(architectures, first('hw_architecture', 'architecture')),
    canonical(new Map(), first('img_hv_type', 'hypervisor_type')),
    canonical(vmModes, first('hw_vm_mode', 'vm_mode')),
  ]
  return {
    wanted,
    version,
    accepts: version === undefined ? undefined : versionPredicate('hypervisor_version_requires', version),
  }
}

const architectures = new Map([
  ['amd64', 'x86_64'],
  ['x86-64', 'x86_64'],
  ['x64', 'x86_64'],
  ['i386', 'i686'],
  ['i486', 'i686'],
  ['i586', 'i686'],
  ['x86', 'i686'],
  ['arm64', 'aarch64'],
])
const vmModes = new Map([
  ['pv', 'xen'],
  ['hv', 'hvm'],
  ['baremetal', 'hvm'],
])

/** One spelling for what people write in several ways. */
function canonical(spellings: ReadonlyMap<string, string>, value: string | undefined): string | undefined {
  const folded = value?.toLowerCase()
  return folded === undefined ? undefined : (spellings.get(folded) ?? folded)
}
