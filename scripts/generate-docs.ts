// `npm run docs`: makes docs/reference from the declarations. With --check nothing is written: stale pages are named, exit code 1.
import path from 'node:path'
import { pages } from './docs/pages.ts'
import { stalePages, writePages } from './docs/reference-folder.ts'
import { root } from './docs/source-comments.ts'

const folder = path.join(root, 'docs', 'reference')
const made = await pages()

if (process.argv.includes('--check')) {
  const stale = stalePages(folder, made)
  for (const file of stale) console.error(`stale: docs/reference/${file}`)
  if (stale.length > 0) console.error('make them anew: npm run docs')
  process.exitCode = stale.length > 0 ? 1 : 0
} else {
  for (const file of writePages(folder, made)) console.log(`docs/reference/${file}`)
}
