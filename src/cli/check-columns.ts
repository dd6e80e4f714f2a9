/** Words of the command line that name columns, checked against what the action declares: nothing has run yet. */
import { asColumn, findColumn } from './columns.ts'
import type { CommandSpec } from './command-spec.ts'
import type { Globals } from './global-flags.ts'
import { knownColumns } from './render.ts'

/** Throws `invalid` for a column of `-c`, `--sort` or `--filter` that no result can have. */
export function checkColumns(spec: CommandSpec, globals: Globals): void {
  if (spec.outputFields.length === 0) return
  const known = [...knownColumns(spec.options), ...spec.outputFields.map(asColumn)]
  const heads = new Set(known.map(({ key }) => key.split('.')[0]))
  for (const word of namedColumns(spec, globals)) {
    const [head] = word.split('.')
    if (head === word || !heads.has(head)) findColumn(word, known, [])
  }
}

function namedColumns(spec: CommandSpec, { columns, sort, filters }: Globals): string[] {
  const takes = (name: string) => spec.parameters.some(({ field }) => field.name === name)
  const sorted = sort === undefined || takes('sort') ? [] : sort.split(',').map((part) => part.replace(/:.*$/s, ''))
  const filtered = takes('filter')
    ? []
    : filters.filter((filter) => filter.includes('=')).map((filter) => filter.replace(/!?=.*$/s, ''))
  return [...columns, ...sorted, ...filtered]
}
