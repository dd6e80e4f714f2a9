/** Makes the release: one CommonJS file of lazy modules, and the descriptions of its commands beside it. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import path from 'node:path'
import { build } from 'esbuild'
import { aliasMark, commandTable } from './command-table.mjs'
import { lazyOclif } from './lazy-oclif.mjs'
import { licensesOf } from './licenses.mjs'
import { packageFacts } from './package-facts.mjs'
import { unusedEditor } from './unused-editor.mjs'
import { zodLocales } from './zod-locales.mjs'

/** The doors of the daemon (fastify, pino) are two thirds of a megabyte that a cold command reads and does not compile. */
const maxBytes = 4 * 1024 ** 2

/** Resolves with the bundle's text, its libraries' licences and the descriptions; fails when the bundle grew beyond its limit. */
export async function bundle(root, { version, descriptions }) {
  const result = await build({
    absWorkingDir: root,
    stdin: { contents: entry, resolveDir: path.join(root, 'src', 'cli'), loader: 'ts' },
    bundle: true,
    write: false,
    metafile: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    minify: true,
    legalComments: 'none',
    // import() throws inside vm.Script; require() of an ES module does not.
    supported: { 'dynamic-import': false },
    external: ['typescript', 'ts-node', 'tsx', 'esbuild', 'pg-native', 'cpu-features'],
    loader: { '.json': 'json' },
    define: { 'process.env.NODE_ENV': '"production"', 'import.meta.url': '__bundleUrl' },
    // node:url's own conversion costs a cold start more than the rest of the banner.
    banner: { js: 'const __bundleUrl="file://"+encodeURI(__filename).replace(/[?#]/g,encodeURIComponent);' },
    plugins: [commandTable(root, { version, descriptions }), lazyOclif, packageFacts, unusedEditor, zodLocales],
    logLevel: 'warning',
  })
  const text = result.outputFiles[0].text
  const described = await describe(text, root)
  const aliases = described.flatMap((command) => command.aliases.map((alias) => [alias, command.id]))
  refuseTwice(described, aliases)
  // The minifier picks the quotes, so they are replaced with the text between them.
  const finished = text.replace(new RegExp(`(['"\`])${aliasMark}\\1`), () => JSON.stringify(JSON.stringify(aliases)))
  if (finished.length > maxBytes)
    throw new Error(`the bundle has ${finished.length} bytes, the limit is ${maxBytes}: what came in?`)
  return { text: finished, described, licenses: licensesOf(Object.keys(result.metafile.inputs), root) }
}

const entry = `
export { run } from './run.ts'
export const describe = async () => {
  const { describeCommands } = await import('./describe-commands.ts')
  const { commandTable } = await import('./command-table.ts')
  return describeCommands(commandTable)
}
`

/** Loads every command of the bundle once. */
async function describe(text, root) {
  const directory = await mkdtemp(path.join(root, 'dist', 'tmp-'))
  try {
    const file = path.join(directory, 'bundle.cjs')
    await writeFile(file, text)
    return await createRequire(import.meta.url)(file).describe()
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

function refuseTwice(described, aliases) {
  const seen = new Map(described.map(({ id }) => [id.replaceAll(':', ' '), id]))
  for (const [alias, id] of aliases) {
    const other = seen.get(alias)
    if (other !== undefined) throw new Error(`the alias ${alias} of ${id} is taken by ${other}`)
    seen.set(alias, id)
  }
}
