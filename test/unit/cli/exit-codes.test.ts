import { describe, expect, it } from 'vitest'
import { describeExitCodes, exitCodes } from '../../../src/cli/exit-codes.ts'
import { faultKinds } from '../../../src/core/fault.ts'

describe('exit codes', () => {
  it('are what scripts rely on', () => {
    expect(exitCodes).toEqual({
      internal: 1,
      invalid: 2,
      'not-found': 3,
      unauthenticated: 4,
      forbidden: 4,
      'over-quota': 5,
      'no-valid-host': 6,
      exists: 7,
      conflict: 7,
      timeout: 8,
      unreachable: 9,
      unsupported: 10,
    })
  })

  it('are all described', () => {
    expect(
      describeExitCodes()
        .flatMap(({ kinds }) => kinds)
        .sort(),
    ).toEqual([...faultKinds].sort())
    expect(describeExitCodes().map(({ code }) => code)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 130])
  })
})
