import { list } from '../../actions/import/list.ts'
import { bytes } from '../../cli/columns.ts'
import { commandFor } from '../../cli/command-for.ts'

interface Disk {
  readonly target: string
  readonly bytes: number | null
}

const disksOf = (row: { readonly disks?: unknown }) =>
  (row.disks as readonly Disk[]).map((disk) => (disk.bytes === null ? disk.target : `${disk.target} ${bytes(disk.bytes)}`))

const nicsOf = (row: { readonly nics?: unknown }) =>
  (row.nics as readonly { mac: string; address: string | null }[]).map(({ mac, address }) => address ?? mac)

export default commandFor(list, {
  args: ['host'],
  aliases: ['import'],
  flags: { list: { hidden: true } },
  ask: { host: { list: 'host.list' } },
  columns: [
    'name',
    'powerState',
    'vcpus',
    'ram',
    { key: 'disks', text: (row) => disksOf(row).join(', ') || '-' },
    { key: 'nics', text: (row) => nicsOf(row).join(', ') || '-' },
    'adoptable',
    'obstacles',
  ],
  wide: ['id'],
  examples: ['nova import list hv1', 'nova import hv1 --list', 'nova import list hv1 --json'],
})
