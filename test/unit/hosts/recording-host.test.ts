import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Host } from '../../../src/hosts/host.ts'
import { recordingHost } from '../../../src/hosts/recording-host.ts'
import { hostContract } from '../../contract/host-contract.ts'
import { emptyHostDirectory } from '../../support/host-directory.ts'

hostContract('a recorded host', async () => {
  const test = await emptyHostDirectory()
  return { ...test, host: recordingHost(test.host, { planning: false }).host }
})

hostContract(
  'a planned host',
  async () => {
    const test = await emptyHostDirectory()
    return { ...test, host: recordingHost(test.host, { planning: true }).host }
  },
  { commands: false, uploads: false },
)

describe('recordingHost', () => {
  let test: Awaited<ReturnType<typeof emptyHostDirectory>>
  beforeEach(async () => {
    test = await emptyHostDirectory()
    await test.host.mkdir(`${test.directory}/real`)
    await test.host.writeFile(`${test.directory}/real/old`, 'old')
  })
  afterEach(() => test.cleanup())

  async function work(host: Host, directory: string): Promise<string[]> {
    const local = await test.localFile(Buffer.from('image'))
    await host.mkdir(`${directory}/new`)
    await host.writeFile(`${directory}/new/file`, 'sixteen bytes ok')
    await host.writeFile(`${directory}/new/run`, 'x', { mode: 0o700 })
    await host.run(['cat', `${directory}/real/old`], { effect: 'read' })
    await host.run(['tee', `${directory}/it's here`], { stdin: 'a secret' })
    await host.rename(`${directory}/new/run`, `${directory}/new/start`)
    await host.upload(local, `${directory}/new/image`)
    await host.remove(`${directory}/real/old`)
    return host.readdir(`${directory}/new`)
  }

  it('plans exactly the lines that the work itself leaves', async () => {
    const { directory } = test
    const plan = recordingHost(test.host, { planning: true })
    const planned = await work(plan.host, directory)
    expect(await test.host.readdir(directory)).toEqual(['real'])
    expect(String(await test.host.readFile(`${directory}/real/old`))).toBe('old')
    const real = recordingHost(test.host, { planning: false })
    expect(await work(real.host, directory)).toEqual(planned)
    const withoutCount = (lines: string[]) => lines.map((line) => line.replace(/local-\d+/, 'local'))
    expect(withoutCount(plan.commands)).toEqual(withoutCount(real.commands))
    expect(withoutCount(plan.commands).map((line) => line.replaceAll(directory, '/d').replace(test.root, '/r'))).toEqual([
      'mkdir /d/new',
      'write /d/new/file (16 bytes, mode 0600)',
      'write /d/new/run (1 bytes, mode 0700)',
      "tee '/d/it'\\''s here' < (8 bytes)",
      'mv /d/new/run /d/new/start',
      'upload /r/local → here:/d/new/image',
      'rm -r /d/real/old',
    ])
  })

  it('lets a plan see what it would have written, moved and removed', async () => {
    const { directory } = test
    const { host } = recordingHost(test.host, { planning: true })
    await host.rename(`${directory}/real`, `${directory}/moved`)
    expect(String(await host.readFile(`${directory}/moved/old`))).toBe('old')
    expect(await host.readFile(`${directory}/real/old`)).toBeUndefined()
    await host.writeFile(`${directory}/moved/new`, 'new')
    expect(await host.readdir(`${directory}/moved`)).toEqual(['new', 'old'])
    await host.remove(`${directory}/moved/old`)
    expect(await host.readdir(`${directory}/moved`)).toEqual(['new'])
    await host.remove(`${directory}/moved`)
    await host.mkdir(`${directory}/moved`)
    expect(await host.readdir(`${directory}/moved`)).toEqual([])
    expect(await host.readdir(directory)).toEqual(['moved'])
  })

  it('answers planned commands with nothing and says that it plans', async () => {
    const { host } = recordingHost(test.host, { planning: true })
    expect(host.planning).toBe(true)
    expect(await host.run(['rm', '-r', test.directory])).toEqual({ stdout: '', stderr: '', exitCode: 0 })
    expect((await host.run(['echo', 'real'], { effect: 'read' })).stdout).toBe('real\n')
  })
})
