import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openImageStore } from '../../../src/image/store.ts'
import { systemRandom } from '../../../src/system/random.ts'
import { hostDirectory, realTime } from '../../support/host-directory.ts'

function canMount(path: string): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m,mode=0700', 'tmpfs', path], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

describe('the image store on a full disk', () => {
  let test: ReturnType<typeof hostDirectory>
  let mounted: boolean
  beforeEach(() => {
    test = hostDirectory()
    mkdirSync(`${test.root}/images`, { mode: 0o700 })
    mounted = canMount(`${test.root}/images`)
  })
  afterEach(async () => {
    if (mounted) execFileSync('umount', [`${test.root}/images`])
    await test.cleanup()
  })

  it('says path and bytes, and leaves nothing', async (context) => {
    if (!mounted) context.skip('mounting a small file system needs root')
    const directory = `${test.root}/images`
    const store = openImageStore({ directory, clock: realTime, random: systemRandom })
    const path = await test.localFile(Buffer.alloc(3_000_000, 7))
    const fault = await store
      .add({ kind: 'file', path }, { maxBytes: 10_000_000, declaredFormat: 'raw' })
      .catch((error: unknown) => error)
    expect(fault).toMatchObject({ kind: 'internal', message: expect.stringMatching(/3000000 bytes in .*images: no space left/) })
    expect(readdirSync(directory)).toEqual([])
  })
})
