import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { systemClock } from '../../../src/system/clock.ts'
import { systemFs } from '../../../src/system/fs.ts'
import { systemProcesses } from '../../../src/system/processes.ts'
import { systemRandom } from '../../../src/system/random.ts'

function aDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'nk-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  return directory
}

describe('the clock', () => {
  it('wakes after the wait, or at once when its deadline passes', async () => {
    const before = systemClock.monotonic()
    await systemClock.sleep(5)
    expect(systemClock.monotonic() - before).toBeGreaterThanOrEqual(4)
    await expect(systemClock.sleep(60_000, systemClock.deadline(5))).rejects.toMatchObject({ kind: 'timeout' })
    await expect(systemClock.sleep(60_000, AbortSignal.abort())).rejects.toMatchObject({ kind: 'timeout' })
  })
})

describe('randomness', () => {
  it('fills any length and makes version 4 UUIDs', () => {
    expect(systemRandom.bytes(100_000)).toHaveLength(100_000)
    expect(
      systemRandom
        .bytes(100_000)
        .slice(-1000)
        .some((byte) => byte !== 0),
    ).toBe(true)
    expect(systemRandom.uuid()).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  })
})

describe('processes', () => {
  it('knows itself, and tells a process from another with the same pid', () => {
    const self = systemProcesses.self()
    expect(self.pid).toBe(process.pid)
    expect(systemProcesses.isAlive(self)).toBe(true)
    expect(systemProcesses.isAlive({ ...self, startTime: '1' })).toBe(false)
    expect(systemProcesses.isAlive({ ...self, bootId: 'another boot' })).toBe(false)
    expect(systemProcesses.isAlive({ ...self, pid: 2 ** 22 + 1 })).toBe(false)
  })
})

describe('the file system', () => {
  it('follows no link when it opens a file', () => {
    const directory = aDirectory()
    writeFileSync(join(directory, 'real'), 'x')
    symlinkSync(join(directory, 'real'), join(directory, 'link'))
    for (const flags of ['r', 'w', 'a']) expect(() => systemFs.open(join(directory, 'link'), flags)).toThrow('ELOOP')
  })

  it('locks against other descriptors until the release', async () => {
    const path = join(aDirectory(), 'lock')
    const release = await systemFs.lock(systemFs.open(path, 'a'), 15_000)
    const other = systemFs.open(path, 'a')
    await expect(systemFs.lock(other, 0)).rejects.toMatchObject({ kind: 'timeout' })
    release()
    const again = await systemFs.lock(other, 15_000)
    again()
  })

  it('frees the lock at once when its holder is killed', async () => {
    const path = join(aDirectory(), 'lock')
    const holder = spawn('flock', ['-x', path, 'sh', '-c', 'echo held; exec sleep 60'], {
      stdio: ['ignore', 'pipe', 'ignore'],
      detached: true,
    })
    await once(holder.stdout, 'data')
    const fd = systemFs.open(path, 'a')
    await expect(systemFs.lock(fd, 0)).rejects.toMatchObject({ kind: 'timeout' })
    process.kill(-(holder.pid ?? 0), 'SIGKILL')
    const release = await systemFs.lock(fd, 15_000)
    release()
  })

  it('says what to install when flock is missing', async () => {
    const fd = systemFs.open(join(aDirectory(), 'lock'), 'a')
    const { PATH } = process.env
    process.env.PATH = '/nowhere'
    onTestFinished(() => {
      process.env.PATH = PATH
      systemFs.close(fd)
    })
    await expect(systemFs.lock(fd, 0)).rejects.toMatchObject({ kind: 'unsupported', hint: 'install util-linux' })
  })
})
