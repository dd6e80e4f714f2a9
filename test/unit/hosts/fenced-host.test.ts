import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { fencedHost } from '../../../src/hosts/fenced-host.ts'
import type { Host } from '../../../src/hosts/host.ts'
import { hostContract } from '../../contract/host-contract.ts'
import { emptyHostDirectory } from '../../support/host-directory.ts'

hostContract('a fenced host', async () => {
  const test = await emptyHostDirectory()
  return { ...test, host: fencedHost(test.host, `${test.root}/guest`, 7) }
})

describe('fencedHost', () => {
  let test: Awaited<ReturnType<typeof emptyHostDirectory>>
  let guest: string
  let owner: (epoch: number) => Host
  beforeEach(async () => {
    test = await emptyHostDirectory()
    guest = `${test.directory}/guest`
    owner = (epoch) => fencedHost(test.host, guest, epoch)
    await owner(5).mkdir(guest)
    await owner(5).writeFile(`${guest}/file`, 'kept')
  })
  afterEach(() => test.cleanup())
  const text = async (path: string) => String(await test.host.readFile(path))

  const changes: [string, (host: Host) => Promise<unknown>][] = [
    ['run', (host) => host.run(['touch', `${guest}/stale`])],
    ['writeFile', (host) => host.writeFile(`${guest}/file`, 'stale')],
    ['mkdir', (host) => host.mkdir(`${guest}/stale`)],
    ['remove', (host) => host.remove(`${guest}/file`)],
    ['rename', (host) => host.rename(`${guest}/file`, `${guest}/stale`)],
    ['upload', async (host) => host.upload(await test.localFile(Buffer.from('stale')), `${guest}/stale`)],
    ['connect', (host) => host.connect(`${guest}/socket`)],
  ]

  it.each(changes)('refuses %s of an owner that was overtaken, and changes nothing', async (_, change) => {
    await owner(6).run(['true'])
    const fault = await change(owner(5)).catch((error: unknown) => error)
    expect(fault).toMatchObject({ kind: 'conflict', details: { epoch: 5, newest: 6 } })
    expect(await test.host.readdir(guest)).toEqual(['file'])
    expect(await text(`${guest}/file`)).toBe('kept')
  })

  it('lets an overtaken owner read', async () => {
    await owner(6).run(['true'])
    expect(String(await owner(5).readFile(`${guest}/file`))).toBe('kept')
    expect((await owner(5).run(['cat', `${guest}/file`], { effect: 'read' })).stdout).toBe('kept')
  })

  it('still refuses it when the directory is gone', async () => {
    await owner(6).remove(guest)
    await expect(owner(5).mkdir(guest)).rejects.toMatchObject({ kind: 'conflict' })
    expect(await test.host.stat(guest)).toBeUndefined()
    await owner(7).mkdir(guest)
    expect(await test.host.readdir(guest)).toEqual([])
  })

  it('lets one owner at a time work', async () => {
    const work = (epoch: number) =>
      owner(epoch).run(['sh', '-c', 'echo "in $2" >>"$1"; sleep 0.05; echo "out $2" >>"$1"', 'sh', `${guest}/log`, String(epoch)])
    await Promise.allSettled([5, 6, 7, 6, 5, 7].map(work))
    const lines = (await text(`${guest}/log`)).trim().split('\n')
    for (let at = 0; at < lines.length; at += 2) expect(lines[at + 1]).toBe(lines[at]?.replace('in', 'out'))
    const epochs = lines.map((line) => Number(line.split(' ')[1]))
    expect(epochs).toEqual([...epochs].sort())
    expect(epochs.filter((epoch) => epoch === 7)).toHaveLength(4)
  })

  it('waits for the other owner only as long as its own deadline', async () => {
    const script = 'exec 9>>"$1"; flock 9; setsid sleep 60 >/dev/null 2>&1 & echo $!'
    const { stdout } = await test.host.run(['sh', '-c', script, 'sh', `${test.directory}/.fences/guest.lock`])
    const late = owner(5).run(['touch', `${guest}/late`], { deadlineMs: 2000 })
    await expect(late).rejects.toMatchObject({ kind: 'timeout', message: expect.stringContaining('another operation') })
    await test.host.run(['kill', stdout.trim()])
    expect(await test.host.readdir(guest)).toEqual(['file'])
  })

  it('does not lend its lock to a program that stays', async () => {
    const script = 'setsid sleep 60 </dev/null >/dev/null 2>&1 & echo $!'
    const { stdout } = await owner(5).run(['sh', '-c', script])
    await owner(6).writeFile(`${guest}/file`, 'next')
    await test.host.run(['kill', stdout.trim()])
    expect(await text(`${guest}/file`)).toBe('next')
  })

  it('hands standard input and the exit code of a command through', async () => {
    const result = await owner(5).run(['sh', '-c', 'cat; exit 75'], { stdin: 'in', okExitCodes: [75] })
    expect(result).toMatchObject({ stdout: 'in', exitCode: 75 })
    await expect(owner(5).run(['sh', '-c', 'exit 75'])).rejects.toMatchObject({ kind: 'internal' })
  })

  it('keeps lock and epoch beside the directory, for the owner alone', async () => {
    expect(await test.host.readdir(`${test.directory}/.fences`)).toEqual(['guest.epoch', 'guest.lock'])
    expect(await text(`${test.directory}/.fences/guest.epoch`)).toBe('5\n')
    const { stdout } = await test.host.run(['find', test.directory, '-perm', '/077'])
    expect(stdout).toBe('')
  })
})
