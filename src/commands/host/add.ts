import { add } from '../../actions/host/add.ts'
import { newHost } from '../../actions/host/new-host.ts'
import { commandFor } from '../../cli/command-for.ts'
import { hostColumns } from '../../cli/noun-views.ts'
import { recordsFrom } from '../../cli/records-file.ts'

const [name, ...columns] = hostColumns.columns

export default commandFor(add, {
  args: ['name', 'address'],
  flags: { hosts: { name: 'file' } },
  /** A file comes as its path. Who gave nothing at all is asked, and sees the checks before anything is added. */
  prepare: async ({ name: given, hosts = [] }, { interactive }) => {
    const files = hosts.filter((one): one is typeof one & string => typeof one === 'string')
    if (files.length > 0) return { hosts: (await Promise.all(files.map((file) => recordsFrom(file, newHost)))).flat() }
    return given === undefined && interactive ? { check: 'always' as const } : {}
  },
  ask: {
    name: { unless: ['hosts'] },
    address: { unless: ['name', 'hosts'] },
    driver: { unless: ['name', 'hosts'], label: 'driver' },
    virtType: { unless: ['name', 'hosts'] },
  },
  again: ({ message, details }) => {
    if (typeof details !== 'object' || details === null) return undefined
    if ('isNewKey' in details) return { question: `${message}; accept it?`, input: { acceptNew: true } }
    if (!('findings' in details) || !Array.isArray(details.findings)) return undefined
    const shown = { rows: details.findings, columns: ['check', 'status', 'value', 'advice'] }
    return { question: `${message}; add it?`, input: { check: 'never' as const }, ...shown }
  },
  ...hostColumns,
  columns: [name, { key: 'result' }, ...columns],
  examples: [
    'nova host add here',
    'nova host add fake-1 --driver fake',
    'nova host add hv1 root@10.0.0.11 --accept-new',
    'nova host add hv2 admin@hv2.example.org:2222 --sudo --jump gate.example.org --identity ~/.ssh/nova',
    'nova host add here --virt-type qemu --reserved-memory-mb 2048',
    'nova host add -f hosts.yaml',
  ],
})
