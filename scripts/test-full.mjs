// `npm run test:full [-- NAME …]`: the long suites, each also alone by its file's name. Sets itself up.
import { readdirSync } from 'node:fs'
import path from 'node:path'
import { ensurePrograms } from './packages.mjs'
import { run } from './run.mjs'
import { checkNode, installDependencies, root } from './setup.mjs'
import { testPrograms } from './test-programs.mjs'

checkNode()
installDependencies()
const suites = readdirSync(path.join(root, 'test', 'full'))
  .filter((file) => file.endsWith('.test.ts'))
  .map((file) => file.slice(0, -'.test.ts'.length))
const asked = process.argv.slice(2)
const unknown = asked.filter((name) => !suites.includes(name))
if (unknown.length > 0) {
  console.error(`error: no suite ${unknown.join(', ')}; there are: ${suites.join(', ')}`)
  process.exit(2)
}
const obstacle = await ensurePrograms(testPrograms)
if (obstacle !== undefined) {
  console.error(`the long suites cannot run: ${obstacle}`)
  if (process.env.CI === 'true') process.exit(1)
}
run(['node', 'scripts/build.mjs'])
run(['vitest', 'run', '--project', 'full', ...asked.map((name) => `test/full/${name}.test.ts`)])
