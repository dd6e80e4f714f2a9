/**
 * Makes the requires inside @oclif/core lazy: a module is evaluated at its first use, not when its importer is.
 * This rewrites a dependency's text, so its version is pinned exactly and help and error goldens are compared with development.
 */
import { readFile } from 'node:fs/promises'

const requireLine = /^const (\w+) = ((?:__importDefault\(|__importStar\()?require\("[^"]+"\)\)?);$/gm

/** The text of an oclif module with each top-level require behind a getter. */
export function lazyRequires(text) {
  const found = [...text.matchAll(requireLine)]
  let result = text.replace(
    requireLine,
    (_line, name, expression) => `let ${name}$v; const ${name}$get = () => ${name}$v ??= ${expression};`,
  )
  for (const [, name] of found) {
    // The parentheses keep `new X.Y()` a construction of Y, not of the getter.
    result = result.replace(new RegExp(`(?<![\\w$.'"])${name}(?![\\w$'":])`, 'g'), `(${name}$get())`)
  }
  return result
}

/** The esbuild plugin. */
export const lazyOclif = {
  name: 'lazy-oclif',
  setup(build) {
    build.onLoad({ filter: /[\\/]node_modules[\\/]@oclif[\\/]core[\\/]lib[\\/].*\.js$/ }, async ({ path }) => ({
      contents: lazyRequires(await readFile(path, 'utf8')),
      loader: 'js',
    }))
  },
}
