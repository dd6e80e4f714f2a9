/** Settings and environment variables. */
import { defaultSettings } from '../../src/settings.ts'
import { environment } from './environment.ts'
import { code, type Page, page, table } from './page.ts'
import { fieldComments } from './source-comments.ts'

/** docs/reference/settings.md. */
export function settingsPage(): Page {
  const comments = fieldComments('src/settings.ts', 'src/scheduler/types.ts')
  return page('settings.md', 'Settings', [
    'Read from `settings.json` in the state directory, one JSON object; what it leaves out has its default. ' +
      'An unknown key or a value of another type is refused with the key named. Names are those of Nova where Nova has one.',
    table(
      ['setting', 'type', 'default', 'meaning'],
      Object.entries(defaultSettings).map(([name, value]) => [
        code(name),
        Array.isArray(value) ? 'list' : value === null ? 'string' : typeof value,
        shown(value),
        written.get(name) ?? comments.get(name) ?? '',
      ]),
    ),
    'A host overrides ratios and reserved amounts for itself (`nova host set`), an aggregate ratios for its hosts ' +
      '(metadata `cpu_allocation_ratio`, `ram_allocation_ratio`, `disk_allocation_ratio`; the smallest of several wins).',
    'The environment beats the file: a setting is `NOVA_SET_` and its name in capitals (`NOVA_SET_CPU_ALLOCATION_RATIO=4`), text as it ' +
      'is, all else as JSON. `nova config explain NAME` says where a value comes from, `nova config validate` checks the files; a ' +
      'running daemon reads them again by `nova daemon reload`.',
    '## Environment variables',
    table(
      ['variable', 'meaning'],
      environment.map(([names, meaning]) => [names.map(code).join(', '), meaning]),
    ),
    'Flags beat the environment, the environment beats the context, the context beats the defaults.',
  ])
}

function shown(value: unknown): string {
  if (!Array.isArray(value)) return value === null ? 'below the state directory' : code(String(value))
  return value.map((item) => code(typeof item === 'string' ? item : Object.values(Object(item)).join(' × '))).join(', ') || 'none'
}

/** Settings whose names Nova's users know, and whose declaration says too little for those who do not. */
const written: ReadonlyMap<string, string> = new Map([
  ['cpuAllocationRatio', 'vCPUs promised for each CPU of a host'],
  ['ramAllocationRatio', 'memory promised, times what a host has after the reserved part'],
  ['diskAllocationRatio', 'disk promised, times what a host has after the reserved part'],
  ['reservedHostMemoryMb', 'MiB of each host that servers never get'],
  ['reservedHostDiskGb', 'GiB of each host that servers never get'],
  ['schedulerMaxAttempts', 'hosts that one boot may try'],
  ['filters', 'filters that every placement passes, in this order'],
  ['weighers', 'weighers with their multipliers; a negative one turns the preference round'],
  ['hostSubsetSize', 'the host is drawn among this many of the best'],
  ['maxIoOpsPerHost', 'servers being built or moved at once on one host (IoOpsFilter)'],
  ['maxInstancesPerHost', 'servers on one host (NumInstancesFilter)'],
  ['isolatedHosts', 'hosts for isolated images (IsolatedHostsFilter)'],
  ['isolatedImages', 'ids of images that run on isolated hosts only'],
  ['restrictIsolatedHosts', 'other images may not run on isolated hosts'],
  ['instancesPath', 'directory under which a new host gets its own for servers and cached images'],
  ['defaultZone', 'zone of hosts whose aggregates name none'],
])
