import { describe, expect, it } from 'vitest'
import { watchHost } from '../../../src/periodic/watch-host.ts'
import { fixedClock } from '../../support/a-context.ts'

/** A host that changes so often, then its watcher is stopped. */
async function watched(changes: readonly boolean[], isDifferent: () => boolean) {
  const stop = new AbortController()
  const seen: string[] = []
  const left = [...changes]
  await watchHost(
    {
      clock: fixedClock(),
      awaitChange: async () => {
        seen.push('wait')
        const change = left.shift()
        if (left.length === 0) stop.abort()
        return change ?? false
      },
      differs: async () => {
        seen.push('look')
        return isDifferent()
      },
      sync: async () => void seen.push('sync'),
    },
    stop.signal,
  )
  return seen
}

describe('watching a host', () => {
  it('listens before it looks, so that nothing falls between two waits', async () => {
    expect(await watched([true, false], () => false)).toEqual(['wait', 'look', 'wait', 'look'])
  })

  it('records only what differs: operations of nova change guests too', async () => {
    let looks = 0
    expect(await watched([true, true, true], () => ++looks === 2)).toEqual([
      'wait',
      'look',
      'wait',
      'look',
      'sync',
      'wait',
      'look',
    ])
  })

  it('ends with the fault of a host that does not answer', async () => {
    const clock = fixedClock()
    const fails = async () => {
      throw new Error('no route to host')
    }
    const host = { clock, awaitChange: fails, differs: async () => false, sync: async () => undefined }
    await expect(watchHost(host, new AbortController().signal)).rejects.toThrow('no route to host')
  })
})
