/** The words of `virsh migrate`: pure. libvirt talks to libvirt through a socket that the controller relays. */
import type { LiveOrder } from '../driver.ts'
import type { LiveFiles } from './live-files.ts'
import type { VirshCommand } from './virsh.ts'

/** Moves the guest once, and ends when it is there or not. */
export function migrateCommand(
  id: string,
  order: LiveOrder,
  files: LiveFiles,
  { disks, address }: { readonly disks: readonly string[]; readonly address?: string | undefined },
): VirshCommand {
  const tunnelled = order.transport === 'tunnel'
  return [
    'migrate',
    id,
    '--live',
    '--p2p',
    '--persistent',
    '--undefinesource',
    '--abort-on-error',
    ...words('--desturi', `qemu+unix:///system?socket=${files.control}`),
    ...words('--xml', files.running),
    ...words('--persistent-xml', files.persistent),
    ...(tunnelled ? words('--migrateuri', `unix://${files.memory}`) : []),
    // The destination's own name for itself need not be known to the source.
    ...(!tunnelled && isPlain(address) ? words('--migrateuri', `tcp://${address}`) : []),
    ...(disks.length > 0 ? ['--copy-storage-inc', ...words('--migrate-disks', disks.join(','))] : []),
    ...(disks.length > 0 && tunnelled ? words('--disks-uri', `unix://${files.disks}`) : []),
    // libvirt knows a shared file system only by its type, and takes others for unsafe.
    ...(order.storage === 'shared' ? ['--unsafe'] : []),
    ...(order.transport === 'tls' ? ['--tls'] : []),
    ...(order.bandwidth === null ? [] : words('--bandwidth', String(order.bandwidth))),
    ...(order.autoConverge ? ['--auto-converge'] : []),
    ...(order.postCopy ? ['--postcopy'] : []),
  ]
}

const isPlain = (address: string | undefined): address is string => address !== undefined && /^[A-Za-z0-9.-]+$/.test(address)

const words = (flag: string, value: string) => [flag, value]
