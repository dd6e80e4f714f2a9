import { describe } from 'vitest'
import { imagePropertiesFilter } from '../../../../src/scheduler/filters/image-properties-filter.ts'
import { itDecides, withProperties } from '../../../support/filter-cases.ts'

describe(imagePropertiesFilter.name, () => {
  itDecides(imagePropertiesFilter, [
    { that: 'passes images without properties', host: { inventory: { supportedInstances: [] } } },
    { that: 'passes servers without an image', request: { image: null } },
    { that: 'takes amd64 for x86_64', request: withProperties(['architecture', 'amd64'], ['hypervisor_type', 'QEMU']) },
    {
      that: 'prefers hw_architecture',
      request: withProperties(['architecture', 'x86_64'], ['hw_architecture', 'aarch64']),
      refuses: 'the image wants aarch64/any/any, the host runs x86_64/qemu/hvm, i686/qemu/hvm',
    },
    {
      that: 'wants one combination that has it all',
      host: {
        inventory: {
          supportedInstances: [
            ['x86_64', 'qemu', 'hvm'],
            ['aarch64', 'kvm', 'hvm'],
          ],
        },
      },
      request: withProperties(['hw_architecture', 'x86_64'], ['img_hv_type', 'kvm'], ['hw_vm_mode', 'hv']),
      refuses: 'the image wants x86_64/kvm/hvm, the host runs x86_64/qemu/hvm, aarch64/kvm/hvm',
    },
    {
      that: 'refuses firmware that plain QEMU does not give',
      host: { record: { driver: 'qemu' } },
      request: withProperties(['hw_firmware_type', 'uefi'], ['hw_tpm_version', '2.0']),
      refuses: 'it wants UEFI and a TPM, which a host of the driver qemu does not give',
    },
    {
      that: 'passes firmware that libvirt gives',
      host: { record: { driver: 'libvirt' } },
      request: withProperties(['hw_firmware_type', 'uefi']),
    },
    { that: 'accepts a version in range', request: withProperties(['hypervisor_version_requires', '>=6.0,<9']) },
    {
      that: 'refuses a version out of range',
      request: withProperties(['hypervisor_version_requires', '>=8.10']),
      refuses: 'the image wants hypervisor version >=8.10, the host has qemu 8.2.1',
    },
  ])
})
