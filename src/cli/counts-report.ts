/** What happened to how many records of which table, for people. */
export function countsReport(
  title: string,
  tables: readonly { readonly table: string; readonly records: number }[],
  notes: readonly string[],
): string {
  const width = Math.max(0, ...tables.map(({ table }) => table.length))
  return [title, ...tables.map(({ table, records }) => `  ${table.padEnd(width)}  ${records}`), ...notes].join('\n')
}
