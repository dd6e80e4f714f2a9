/** Several changes in one round trip: the same outcome, lines and faults as one after another. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { inOneGo, runAfter } from '../../../src/hosts/batch.ts'
import { fencedHost } from '../../../src/hosts/fenced-host.ts'
import type { Host } from '../../../src/hosts/host.ts'
import { localHost } from '../../../src/hosts/local.ts'
import { recordingHost } from '../../../src/hosts/recording-host.ts'
import { realTime } from '../../support/host-directory.ts'

describe('inOneGo', () => {
  let root: string
  let trips: number
  let fenced: Host
  const at = (...path: string[]) => join(root, ...path)
  const fencedAt = (epoch: number) => {
    const local = localHost({ name: 'here', clock: realTime })
    const counted: Host = {
      ...local,
      run: (argv, options) => {
        trips += 1
        return local.run(argv, options)
      },
    }
    return fencedHost(counted, at('guest'), epoch)
  }
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'nk-'))
    trips = 0
    fenced = fencedAt(5)
  })
  afterEach(() => rmSync(root, { recursive: true, force: true }))

  const hostile = 'a \'b\' "c" $(touch x) `d` \\ é'
  const binary = Buffer.from([0, 255, 10, 0, 13, 7])
  const everything = async (host: Host) => {
    await host.mkdir(at('guest', hostile))
    await host.writeFile(at('guest', 'one'), binary, { mode: 0o640 })
    await host.run(['sh', '-c', 'cat >"$1"', 'sh', at('guest', hostile, 'two')], { stdin: 'line\nno end' })
    await host.run(['sh', '-c', 'cat >"$1"', 'sh', at('guest', 'empty')])
    await host.writeFile(at('guest', 'three'), 'x'.repeat(100_000))
    await host.rename(at('guest', 'three'), at('guest', 'four'))
    await host.run(['touch', ...Array.from({ length: 12 }, (_, index) => at('guest', `${hostile}${index}`))])
    await host.remove(at('guest', `${hostile}0`))
  }

  it('does everything in order in one trip, with the bytes and names that were given', async () => {
    await inOneGo(fenced, everything)
    expect(trips).toBe(1)
    expect(readFileSync(at('guest', 'one')).equals(binary)).toBe(true)
    expect(statSync(at('guest', 'one')).mode & 0o777).toBe(0o640)
    expect(readFileSync(at('guest', hostile, 'two'), 'utf8')).toBe('line\nno end')
    expect(readFileSync(at('guest', 'empty'), 'utf8')).toBe('')
    expect(readFileSync(at('guest', 'four'), 'utf8')).toBe('x'.repeat(100_000))
    expect(readdirSync(at('guest')).filter((name) => name.startsWith(hostile)).length).toBe(12)
    expect(existsSync(at('guest', 'three'))).toBe(false)
  })

  it('stops at the first failure and names it, whatever came before', async () => {
    const work = async (host: Host) => {
      await host.mkdir(at('guest', 'made'))
      await host.run(['sh', '-c', 'echo no room >&2; exit 3'])
      await host.mkdir(at('guest', 'never'))
    }
    await expect(inOneGo(fenced, work)).rejects.toMatchObject({
      kind: 'internal',
      message: expect.stringMatching(/exit(ed)?.* 3.*no room/),
    })
    expect(readdirSync(at('guest'))).toEqual(['made'])
    const missing = inOneGo(fenced, async (host) => void (await host.run(['prlimit', '--cpu=1', 'no-such-program-x'])))
    await expect(missing).rejects.toMatchObject({ kind: 'unsupported', message: expect.stringContaining('no-such-program-x') })
  })

  it('changes nothing once a newer owner was there', async () => {
    await fencedAt(9).mkdir(at('guest'))
    await expect(inOneGo(fenced, everything)).rejects.toMatchObject({ kind: 'conflict' })
    expect(readdirSync(at('guest'))).toEqual([])
  })

  it('leaves the same record as one after another, and a plan changes nothing', async () => {
    const together = recordingHost(fenced, { planning: false })
    await inOneGo(together.host, everything)
    rmSync(at('guest'), { recursive: true })
    const apart = recordingHost(localHost({ name: 'here', clock: realTime }), { planning: false })
    await inOneGo(apart.host, everything)
    expect(together.commands).toEqual(apart.commands)
    rmSync(at('guest'), { recursive: true })
    const planned = recordingHost(fenced, { planning: true })
    await inOneGo(planned.host, everything)
    expect(planned.commands).toEqual(apart.commands)
    expect(existsSync(at('guest'))).toBe(false)
  })

  /** Two files, of which the first may be there already. */
  const missing = async (host: Host) => {
    await inOneGo(host, async (gathered, unless) => {
      await gathered.mkdir(at('guest'))
      for (const name of ['old', hostile])
        await unless(at('guest', name), async (inner) => {
          await inner.run(['sh', '-c', 'echo new >"$1"', 'sh', at('guest', `${name}.new`)])
          await inner.rename(at('guest', `${name}.new`), at('guest', name))
        })
      await gathered.run(['touch', at('guest', 'after')])
    })
  }

  it('leaves out what is there, without asking first, and out of the record too', async () => {
    await fenced.mkdir(at('guest'))
    await fenced.writeFile(at('guest', 'old'), 'old')
    trips = 0
    const together = recordingHost(fenced, { planning: false })
    await missing(together.host)
    expect(trips).toBe(1)
    expect(readFileSync(at('guest', 'old'), 'utf8')).toBe('old')
    expect(readFileSync(at('guest', hostile), 'utf8')).toBe('new\n')
    expect(readdirSync(at('guest')).sort()).toEqual(['after', 'old', hostile].sort())
    rmSync(at('guest', hostile))
    const apart = recordingHost(localHost({ name: 'here', clock: realTime }), { planning: false })
    await missing(apart.host)
    expect(together.commands).toEqual(apart.commands)
  })

  it('answers with the last command, also with one of its exit codes, after what may fail', async () => {
    const before = async (host: Host) => {
      await host.run(['sh', '-c', 'echo noise; exit 1'], { okExitCodes: [0, 1] })
      await host.mkdir(at('guest', 'made'))
    }
    for (const host of [fenced, localHost({ name: 'here', clock: realTime })]) {
      const last = ['sh', '-c', 'ls "$1"; echo words >&2; exit 4', 'sh', at('guest')]
      const result = await runAfter(host, before, last, { okExitCodes: [0, 4] })
      expect(result).toMatchObject({ exitCode: 4, stderr: 'words\n', stdout: expect.stringMatching(/made\n$/) })
      await expect(runAfter(host, before, last)).rejects.toMatchObject({
        kind: 'internal',
        message: expect.stringContaining('words'),
      })
    }
    await expect(runAfter(fenced, async (host) => void (await host.run(['false'])), ['true'])).rejects.toThrow('false')
  })
})
