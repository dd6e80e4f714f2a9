import { describe, expect, it } from 'vitest'
import { isSameDirectory } from '../../../src/drivers/same-directory.ts'
import { recordingHost } from '../../../src/hosts/recording-host.ts'
import { scriptedHost } from '../../../src/hosts/scripted.ts'
import { systemRandom } from '../../../src/system/random.ts'

const context = { random: systemRandom }

/** Two hosts that see the same files or not; `numbers` is what `stat` says on each. */
async function twoHosts(isOne: boolean, numbers: readonly [string, string] = ['', '']) {
  const [here, other] = await Promise.all(
    numbers.map((stdout) =>
      scriptedHost({ files: { '/a/file': '' }, rules: [() => ({ stdout, exitCode: stdout === '' ? 1 : 0 })] }),
    ),
  )
  if (!here || !other) throw new Error('two hosts were made')
  return { here, there: isOne ? here : other }
}

describe('one directory of two hosts', () => {
  it.each([true, false])('is told by a file that shows on the other side too: %s', async (isOne) => {
    const { here, there } = await twoHosts(isOne)
    expect(await isSameDirectory(context, { host: here, directory: '/a' }, { host: there, directory: '/a' })).toBe(isOne)
    expect(await here.readdir('/a')).toEqual(['file'])
  })

  it.each([
    ['7 100 200', '7 100 200', true],
    ['7 100 200', '8 100 200', false],
    ['', '', false],
  ])('is told in a plan by its numbers: %j and %j', async (one, other, isOne) => {
    const { here, there } = await twoHosts(false, [one, other])
    const planned = [here, there].map((host) => ({ host: recordingHost(host, { planning: true }).host, directory: '/a' }))
    const [first, second] = planned
    if (!first || !second) throw new Error('two hosts were made')
    expect(await isSameDirectory(context, first, second)).toBe(isOne)
    expect(await here.readdir('/a')).toEqual(['file'])
  })
})
