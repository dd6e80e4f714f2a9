import { createHash } from 'node:crypto'
import { statSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { cacheImage } from '../../../src/drivers/image-cache.ts'
import { recordingHost } from '../../../src/hosts/recording-host.ts'
import { systemRandom } from '../../../src/system/random.ts'
import { aGuestImage } from '../../support/a-guest.ts'
import { hostDirectory, realTime } from '../../support/host-directory.ts'

const bytes = Buffer.alloc(100_000, 7)
const image = aGuestImage({ digest: createHash('sha256').update(bytes).digest('hex'), format: 'raw', size: bytes.length })

describe('cacheImage', () => {
  let lab: ReturnType<typeof hostDirectory>
  beforeEach(() => {
    lab = hostDirectory()
  })
  afterEach(() => lab.cleanup())
  const contextOn = (host = lab.host) => ({
    host,
    instancesPath: lab.directory,
    clock: realTime,
    random: systemRandom,
    virtType: 'auto' as const,
  })

  it('keeps the image under its digest, read only', async () => {
    await cacheImage(contextOn(), image, await lab.localFile(bytes))
    const path = `${lab.directory}/_base/${image.digest}`
    expect(await lab.host.readFile(path)).toEqual(bytes)
    expect(statSync(path).mode & 0o777).toBe(0o400)
    expect(await lab.host.readdir(`${lab.directory}/_base`)).toEqual([image.digest])
  })

  it('transfers once for many callers of many processes', async () => {
    const recordings = [1, 2, 3, 4].map(() => recordingHost(lab.host, { planning: false }))
    const file = await lab.localFile(bytes)
    await Promise.all(recordings.map(({ host }) => cacheImage(contextOn(host), image, file)))
    const uploads = recordings.flatMap(({ commands }) => commands).filter((line) => line.startsWith('upload'))
    expect(uploads).toHaveLength(1)
  })

  it('S5 refuses bytes that are not the image, and leaves none of them', async () => {
    const file = await lab.localFile(Buffer.from('something else'))
    await expect(cacheImage(contextOn(), image, file)).rejects.toMatchObject({ kind: 'conflict' })
    expect(await lab.host.readdir(`${lab.directory}/_base`)).toEqual([])
  })

  it('takes over the transfer of a process that died', async () => {
    await lab.host.mkdir(`${lab.directory}/_base/${image.digest}.lock`)
    let now = 0
    const clock = {
      ...realTime,
      monotonic: () => now,
      sleep: async (ms: number) => {
        now += ms
      },
    }
    await cacheImage({ ...contextOn(), clock }, image, await lab.localFile(bytes))
    expect(await lab.host.readdir(`${lab.directory}/_base`)).toEqual([image.digest])
    expect(now).toBeGreaterThan(30_000)
  })
})
