/** The licences of the libraries that the bundle contains, as one text. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'

/** `inputs` are the bundled files, relative to `root`. */
export function licensesOf(inputs, root) {
  const folders = new Set(inputs.map(packageFolder).filter((folder) => folder !== undefined))
  return [...folders]
    .sort()
    .map((folder) => section(path.join(root, folder)))
    .join('\n')
}

/** The package that a file belongs to: the innermost node_modules counts. */
function packageFolder(file) {
  const found = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(file)
  return found?.[1]
}

function section(folder) {
  const { name, version, license } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'))
  const file = existsSync(folder) ? readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry)) : undefined
  const text = file === undefined ? `License: ${license}` : readFileSync(path.join(folder, file), 'utf8').trim()
  return `${name} ${version}\n${'='.repeat(72)}\n${text}\n`
}
