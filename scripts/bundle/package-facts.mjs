/** Bundles no more of a package.json than its name and version. */
import { readFile } from 'node:fs/promises'

/** The esbuild plugin. */
export const packageFacts = {
  name: 'package-facts',
  setup(build) {
    build.onLoad({ filter: /[\\/]package\.json$/ }, async ({ path }) => {
      const { name, version } = JSON.parse(await readFile(path, 'utf8'))
      return { contents: JSON.stringify({ name, version }), loader: 'json' }
    })
  },
}
