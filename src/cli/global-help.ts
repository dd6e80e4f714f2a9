/** The flags that every command has, one line for each group. */
import type { CommandDescription } from './describe-commands.ts'

/** The lines under GLOBAL for a command. */
export function globalHelp({ effect, isList, flags }: CommandDescription): string[] {
  const own = new Set(flags.map(({ label }) => label))
  const left = (line: readonly string[]) => line.filter((flag) => !own.has(flag.split(' ')[0] ?? ''))
  const groups: readonly (readonly [string, readonly string[]])[] = [
    ['output', ['-f FORMAT (table|wide|json|yaml|csv|value|name)', '--json', '-c COLUMN (-c help lists them)', '--no-header']],
    [
      'rows',
      isList && effect === 'read' ? left(['--sort COLUMN[:desc]', '--filter COLUMN=VALUE', '--limit N', '--marker ID']) : [],
    ],
    ['time', effect === 'read' ? left(['--at TIME|REVISION']) : left(['--plan (--dry-run)', '--timeout SECONDS'])],
    ['asking', effect === 'destroy' ? ['-y, --yes'] : []],
    ['where', ['--state DIR', '--project NAME', '--context NAME', '--endpoint URL']],
    ['talk', ['-q, --quiet', '--debug', '--color auto|always|never', '-h, --help']],
  ]
  return groups.filter(([, line]) => line.length > 0).map(([title, line]) => `  ${title.padEnd(7)} ${line.join(', ')}`)
}
