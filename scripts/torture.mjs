// `npm run torture -- --row R2 [--runs N] [--seed S]`, or `--tier 1|2|3 [--share 0.25]`: the matrix of faults. Sets itself up.
// `--report FILE`: the reliability page from the lines that it printed.
import { ensurePrograms } from './packages.mjs'
import { run } from './run.mjs'
import { checkNode, installDependencies } from './setup.mjs'
import { testPrograms } from './test-programs.mjs'

checkNode()
installDependencies()
const obstacle = await ensurePrograms(testPrograms)
if (obstacle !== undefined) {
  console.error(`rows that need a hypervisor cannot run: ${obstacle}`)
  if (process.env.CI === 'true') process.exit(1)
}
run(['node', 'scripts/build.mjs'])
run(['tsx', 'test/torture/runner/main.ts', ...process.argv.slice(2)])
