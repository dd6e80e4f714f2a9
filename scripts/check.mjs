// Everything that can be checked without running the product: types, style, layers, and that generated pages are current.
import { run } from './run.mjs'
import { checkNode, installDependencies } from './setup.mjs'

checkNode()
installDependencies()
run(['tsc', '--noEmit'])
run(['biome', 'check', '--error-on-warnings', '.'])
run(['depcruise', '--config', '.dependency-cruiser.cjs', 'src'])
run(['tsx', 'scripts/generate-docs.ts', '--check'])
