// `npm test`: sets up what the tests need, checks, builds, and runs every suite that is not long. Ten minutes at most on two cores.
import { ensurePrograms } from './packages.mjs'
import { run } from './run.mjs'
import { checkNode, installDependencies } from './setup.mjs'
import { testPrograms } from './test-programs.mjs'

checkNode()
installDependencies()
const obstacle = await ensurePrograms(testPrograms)
if (obstacle !== undefined) {
  console.error(`suites that need a hypervisor cannot run: ${obstacle}`)
  if (process.env.CI === 'true') process.exit(1)
}
run(['node', 'scripts/check.mjs'])
run(['node', 'scripts/build.mjs'])
run(['vitest', 'run', '--project', 'quick', '--project', 'real', ...process.argv.slice(2)])
