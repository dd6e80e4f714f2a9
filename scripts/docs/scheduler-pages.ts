/** Filters and weighers, by their own comments. */
import { filters, weighers } from '../../src/scheduler/catalogue.ts'
import { defaultSettings } from '../../src/settings.ts'
import { code, type Page, page, sorted, table } from './page.ts'
import { exportComment } from './source-comments.ts'

/** `RamFilter` → `ram-filter`, `NUMATopologyFilter` → `numa-topology-filter`. */
export const fileNameOf = (name: string) =>
  name
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1-$2')
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .toLowerCase()

const camel = (file: string) => file.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())

/** The sentence after the name; an undocumented part of the catalogue stops the run. */
function said(folder: string, name: string): string {
  const file = fileNameOf(name)
  const comment = exportComment(`src/scheduler/${folder}/${file}.ts`, camel(file))
  const text = comment.replace(new RegExp(`^${name}: `), '')
  if (text === '') throw new Error(`src/scheduler/${folder}/${file}.ts has no comment that says what ${name} does`)
  return text
}

/** docs/reference/filters.md. */
export function filtersPage(): Page {
  const order = new Map(defaultSettings.filters.map((name, index) => [name, String(index + 1)]))
  return page('filters.md', 'Filters', [
    'A filter says of one host whether it can take the server, or why not, with numbers. ' +
      'The setting `filters` names those in force and their order; `nova explain` shows what each said.',
    table(
      ['filter', 'order by default', 'passes when'],
      sorted(filters, ({ name }) => name).map(({ name }) => [code(name), order.get(name) ?? 'off', said('filters', name)]),
    ),
    '`ForcedHost` in an explanation is no filter: it stands for `--availability-zone ZONE:HOST`, which the filters above still follow.',
  ])
}

/** docs/reference/weighers.md. */
export function weighersPage(): Page {
  const multipliers = new Map(defaultSettings.weighers.map(({ name, multiplier }) => [name, String(multiplier)]))
  return page('weighers.md', 'Weighers', [
    'A weigher gives a number to each host that passed the filters. The numbers of one weigher are brought to 0 … 1 over those hosts, ' +
      'times its multiplier; the host with the greatest sum is chosen. The setting `weighers` names them with their multipliers.',
    table(
      ['weigher', 'multiplier by default', 'counts'],
      sorted(weighers, ({ name }) => name).map(({ name }) => [
        code(name),
        multipliers.get(name) ?? 'off',
        said('weighers', name),
      ]),
    ),
  ])
}
