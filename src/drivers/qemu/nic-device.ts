/** A nic in the words of qemu. */
import { Fault } from '../../core/fault.ts'
import type { GuestNic } from '../driver.ts'

export const nicDevice = ({ model }: Pick<GuestNic, 'model'>): string => (model === 'virtio' ? 'virtio-net-pci' : 'e1000')

/** The port of the host that leads to the guest's ssh. `unsupported` for a nic on anything but a user-mode network. */
export function nicForward({ kind, source, sshPort }: GuestNic): string | null {
  if (kind !== 'user') {
    throw new Fault('unsupported', `the qemu driver connects guests to user-mode networks only, not to ${kind} ${source}`)
  }
  return sshPort === null ? null : `tcp:127.0.0.1:${sshPort}-:22`
}
