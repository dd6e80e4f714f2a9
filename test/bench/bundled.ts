/**
 * A benchmark in a process of its own, bundled like the release: the heap of a program under tsx is several times as large, and what
 * ssh carries then costs it half as much processor time again, for the collecting.
 */
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { build, type Plugin } from 'esbuild'
import type { Row } from './row.ts'

/** What the function `name` of a file of this directory measures there. */
export async function bundled(file: string, name: string): Promise<Row[]> {
  const outfile = join(import.meta.dirname, '../../.cache', file.replace(/\.ts$/, '.mjs'))
  const contents = `import { ${name} } from './${file}'
process.stdout.write(JSON.stringify(await ${name}()))`
  const stdin = { contents, resolveDir: import.meta.dirname }
  await build({ stdin, outfile, bundle: true, platform: 'node', format: 'esm', packages: 'external', plugins: [ownPlaces] })
  const { stdout } = await promisify(execFile)(process.execPath, [outfile])
  return JSON.parse(stdout)
}

/** Every module knows where its source lies. */
const ownPlaces: Plugin = {
  name: 'own-places',
  setup({ onLoad }) {
    onLoad({ filter: /\/(src|test)\/.*\.ts$/ }, async ({ path }) => {
      const text = await readFile(path, 'utf8')
      const contents = text
        .replaceAll('import.meta.dirname', JSON.stringify(dirname(path)))
        .replaceAll('import.meta.url', JSON.stringify(pathToFileURL(path).href))
      return { contents, loader: 'ts' }
    })
  },
}
