/** Survey, tidying and the cleaning of the cache on a real host directory, with real disks. */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import type { QemuDriver } from '../../src/drivers/qemu/index.ts'
import { qemuHost } from '../support/qemu-host.ts'

const id = '11111111-1111-4111-8111-111111111111'
const gone = '22222222-2222-4222-8222-222222222222'
const content = 'an image'
const digest = createHash('sha256').update(content).digest('hex')
const daysAgo = (path: string, days: number) =>
  utimesSync(path, Date.now() / 1000 - days * 86_400, Date.now() / 1000 - days * 86_400)
const cleanups: (() => Promise<void>)[] = []

describe('what a host holds', () => {
  let driver: QemuDriver
  let root: string
  const at = (...path: string[]) => join(root, ...path)
  const overlay = (name: string, backing: string) => {
    mkdirSync(at(name))
    spawnSync('qemu-img', ['create', '-q', '-u', '-f', 'qcow2', '-b', backing, '-F', 'raw', at(name, 'disk'), '1M'])
  }

  beforeEach(() => {
    const host = qemuHost()
    cleanups.push(host.cleanup)
    driver = host.driver()
    root = host.instancesPath
    mkdirSync(at('_base'), { recursive: true })
    writeFileSync(at('_base', digest), content)
    daysAgo(at('_base', digest), 3)
  })
  afterAll(async () => {
    for (const cleanup of cleanups) await cleanup()
  })

  it('says what is there and what disks are based on, and reads images only when it is told to', async () => {
    overlay(id, at('_base', digest))
    overlay(gone, at('_base', 'ab'.repeat(32)))
    mkdirSync(at('name with\ttab'))
    writeFileSync(at(gone, 'disk.rescue'), 'no disk at all')
    const survey = await driver.survey({ deep: false })
    expect(Math.abs(survey.at - Date.now())).toBeLessThan(60_000)
    expect(survey.entries.map(({ path }) => path)).toEqual(
      expect.arrayContaining([`_base/${digest}`, `${id}/disk`, 'name with\ttab']),
    )
    expect(survey.disks).toMatchObject([
      { path: `${id}/disk`, backing: at('_base', digest), hasBacking: true, damage: null },
      { path: `${gone}/disk`, hasBacking: false, damage: null },
      { path: `${gone}/disk.rescue`, damage: 'it is no qcow2 disk' },
    ])
    expect(survey.sums).toEqual([])
    writeFileSync(at('_base', 'cd'.repeat(32)), 'other content')
    const { sums } = await driver.survey({ deep: true })
    expect(sums.filter(({ name, digest: own }) => name === own)).toEqual([{ name: digest, digest }])
    expect(sums).toHaveLength(2)
  })

  it('removes a cached image only when nothing is based on it and nothing wanted it for so long', async () => {
    overlay(id, at('_base', digest))
    expect(await driver.removeCached([digest], 0)).toEqual([])
    spawnSync('mv', [at(id), at(`${id}_resize`)])
    expect(await driver.removeCached([digest], 0)).toEqual([])
    spawnSync('rm', ['-r', at(`${id}_resize`)])
    expect(await driver.removeCached([digest], 4 * 86_400)).toEqual([])
    expect(await driver.removeCached([digest], 86_400)).toEqual([{ digest, bytes: content.length }])
    expect(readdirSync(at('_base'))).toEqual([])
  })

  it('takes a boot that wants the image as its use', async () => {
    await driver.cacheImage({ id: 'i', digest, format: 'raw', size: 8, virtualSize: 8 }, '/nowhere')
    expect(await driver.removeCached([digest], 86_400)).toEqual([])
  })

  it('puts directories aside, but none that a process works with', async () => {
    overlay(id, at('_base', digest))
    overlay(gone, at('_base', digest))
    const before = readFileSync(at(gone, 'disk'))
    const { spawn } = await import('node:child_process')
    const user = spawn('sh', ['-c', 'read line', 'sh', at(id, 'qemu.lock')], { stdio: ['pipe', 'ignore', 'ignore'] })
    await new Promise((resolve) => user.once('spawn', resolve))
    try {
      const orders = [id, gone].map((path) => ({ what: 'keep', path }) as const)
      expect(await driver.tidy(orders)).toEqual([gone])
    } finally {
      user.kill('SIGKILL')
    }
    const [lost = ''] = readdirSync(at('.lost'))
    expect(readFileSync(at('.lost', lost, 'disk')).equals(before)).toBe(true)
    // What is put aside still stands on its base.
    expect(await driver.removeCached([digest], 0)).toEqual([])
  })

  it('sweeps what is old, gives back what is nobody’s, forgets what is gone, and nothing else', async () => {
    for (const name of ['old.part', 'new.part']) writeFileSync(at('_base', name), '')
    daysAgo(at('_base', 'old.part'), 1)
    mkdirSync(at('.ports'))
    mkdirSync(at('.fences'))
    mkdirSync(at(id))
    symlinkSync(id, at('.ports', '22001'))
    symlinkSync(gone, at('.ports', '22002'))
    for (const fence of [id, gone]) {
      writeFileSync(at('.fences', `${fence}.epoch`), '7')
      writeFileSync(at('.fences', `${fence}.lock`), '')
      daysAgo(at('.fences', `${fence}.epoch`), 9)
    }
    const done = await driver.tidy([
      ...['_base/old.part', '_base/new.part'].map((path) => ({ what: 'sweep', path, minutes: 60 }) as const),
      { what: 'release', path: '.ports/22001', owner: id },
      { what: 'release', path: '.ports/22002', owner: gone },
      ...[id, gone].map((fence) => ({ what: 'unfence', path: `.fences/${fence}`, minutes: 7 * 24 * 60 }) as const),
    ])
    expect(done).toEqual(['_base/old.part', '.ports/22002', `.fences/${gone}`])
    expect(existsSync(at('_base', 'new.part'))).toBe(true)
    expect(lstatSync(at('.ports', '22001')).isSymbolicLink()).toBe(true)
    expect(readdirSync(at('.fences')).sort()).toEqual([`${id}.epoch`, `${id}.lock`])
    await expect(driver.tidy([{ what: 'keep', path: '../elsewhere' }])).rejects.toThrow('no path below')
  })
})
