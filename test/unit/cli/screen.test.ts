import { describe, expect, it } from 'vitest'
import { usesColor } from '../../../src/cli/screen.ts'

describe('colour', () => {
  it.each([
    ['auto', true, {}, true],
    ['auto', false, {}, false],
    ['auto', true, { NO_COLOR: '1' }, false],
    ['auto', false, { CLICOLOR_FORCE: '1' }, true],
    ['auto', false, { CLICOLOR_FORCE: '0' }, false],
    ['auto', true, { CLICOLOR: '0' }, false],
    ['auto', true, { TERM: 'dumb' }, false],
    ['auto', true, { NO_COLOR: '1', CLICOLOR_FORCE: '1' }, false],
    ['never', true, { CLICOLOR_FORCE: '1' }, false],
    ['always', false, { NO_COLOR: '1' }, true],
  ] as const)('--color=%s, terminal %s, %j: %s', (choice, isTerminal, env, used) => {
    expect(usesColor(choice, isTerminal, env)).toBe(used)
  })
})
