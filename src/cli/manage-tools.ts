/** nova-manage's other tools. */
import type { ManageRow } from './manage-row.ts'

export const toolRows: readonly ManageRow[] = [
  {
    words: 'logs errors',
    summary: 'list the newest failures of operations and of calls',
    args: '[NUMBER]',
    run: ({ words: [number] }) => [['manage', 'faults', ...(number === undefined ? [] : ['--limit', number])]],
  },
  { words: 'shell', summary: 'open a JavaScript shell with every action as a function', run: () => [['manage', 'shell']] },
  ...['python', 'bpython', 'ipython'].map(
    (shell): ManageRow => ({
      words: `shell ${shell}`,
      summary: 'the same as shell',
      run: () => [['manage', 'shell']],
    }),
  ),
  { words: 'version', summary: 'show the version', run: () => [['version']] },
]

/** The words of a category, or all categories: what `nova-manage bash-completion` prints. */
export function completionWords(rows: readonly ManageRow[], category: string | undefined): string[] {
  const pairs = rows.map(({ words }) => words.split(' '))
  const found =
    category === undefined ? pairs.map(([first]) => first) : pairs.filter(([first]) => first === category).map(([, verb]) => verb)
  return [...new Set(found.filter((word) => word !== undefined))].sort()
}
