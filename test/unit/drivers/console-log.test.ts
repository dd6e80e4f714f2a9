import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { consoleLog, rotateConsoleLog } from '../../../src/drivers/console-log.ts'
import { guestPaths } from '../../../src/drivers/qemu/guest-paths.ts'
import { systemRandom } from '../../../src/system/random.ts'
import { hostDirectory, realTime } from '../../support/host-directory.ts'

describe('the console log', () => {
  const lab = hostDirectory()
  const context = { host: lab.host, instancesPath: lab.root, clock: realTime, random: systemRandom, virtType: 'auto' as const }
  const paths = guestPaths(context, '11111111-2222-4333-8444-555555555555')
  beforeEach(() => lab.host.mkdir(paths.directory))
  afterEach(() => lab.cleanup())

  it('stays where it is while it is small', async () => {
    await lab.host.writeFile(paths.log, 'first\nsecond\n')
    await rotateConsoleLog(context, paths)
    expect(await consoleLog(context, paths, 7)).toBe('second\n')
    expect(await lab.host.stat(paths.oldLog)).toBeUndefined()
  })

  it('is put aside once it is large, and read on from there', async () => {
    await lab.host.mkdir(paths.directory)
    await lab.host.writeFile(paths.log, `${'x'.repeat(1024 * 1024)}the end\n`)
    await rotateConsoleLog(context, paths)
    expect((await lab.host.stat(paths.log))?.size).toBe(0)
    expect((await lab.host.stat(paths.oldLog))?.size).toBe(1024 * 1024)
    await lab.host.writeFile(paths.log, 'and more\n')
    expect(await consoleLog(context, paths, 17)).toBe('the end\nand more\n')
  })

  it('is empty before the first start', async () => {
    expect(await consoleLog(context, paths, 100)).toBe('')
  })
})
