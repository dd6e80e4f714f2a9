/** Puts a table of lazy modules, made from the files under src/commands, in place of src/cli/command-table.ts. */
import { readdirSync } from 'node:fs'
import path from 'node:path'

/** Stands in the bundle for the aliases until the commands were loaded once. */
export const aliasMark = '__NOVA_ALIASES__'

/** Command ids and their files. */
export function commandFiles(root) {
  const commands = path.join(root, 'src', 'commands')
  return readdirSync(commands, { recursive: true })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => ({ id: file.slice(0, -3).replaceAll(path.sep, ':'), file: path.join(commands, file) }))
    .sort((a, b) => (a.id < b.id ? -1 : 1))
}

/** The esbuild plugin. */
export const commandTable = (root, { version, descriptions }) => ({
  name: 'command-table',
  setup(build) {
    build.onLoad({ filter: /[\\/]src[\\/]cli[\\/]command-table\.ts$/ }, () => ({
      contents: source(commandFiles(root), version, descriptions),
      loader: 'js',
      resolveDir: path.join(root, 'src', 'cli'),
    }))
  },
})

const source = (commands, version, descriptions) => `
import { readFileSync } from 'node:fs'
import { Fault } from '../core/fault.ts'
const modules = new Map([
${commands.map(({ id, file }) => `  [${JSON.stringify(id)}, () => import(${JSON.stringify(file)})],`).join('\n')}
])
let aliases
function describe() {
  try {
    return JSON.parse(readFileSync(__dirname + '/${descriptions}', 'utf8'))
  } catch (cause) {
    if (cause.code !== 'ENOENT') throw cause
    throw new Fault('conflict', 'the program was replaced while it ran', { cause, hint: 'run it again; a daemon: nova daemon upgrade' })
  }
}
export const commandTable = {
  ids: () => [...modules.keys()],
  load: (id) => modules.get(id)?.(),
  alias: async (word) => (aliases ??= new Map(JSON.parse('${aliasMark}'))).get(word),
  describe: async () => describe(),
  version: ${JSON.stringify(version)},
}
`
