import { describe, expect, it } from 'vitest'
import { nearest } from '../../../src/core/nearest.ts'

describe('nearest', () => {
  it.each([
    ['boto', ['boot', 'stop'], ['boot']],
    ['lsit', ['list', 'limits'], ['list']],
    ['m1.tny', ['m1.tiny', 'm1.small'], ['m1.tiny']],
    ['ab', ['xy', 'abc'], ['abc']],
    ['constructor', ['list'], []],
    ['WEB-1', ['web-1'], ['web-1']],
  ])('%s among %j means %j', (word, candidates, meant) => expect(nearest(word, candidates)).toEqual(meant))
})
