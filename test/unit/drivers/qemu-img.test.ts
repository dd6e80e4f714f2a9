import { execFileSync } from 'node:child_process'
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { convert, createEmpty, createOverlay, info, resize } from '../../../src/drivers/qemu-img.ts'
import { answersTo, scriptedHost } from '../../../src/hosts/scripted.ts'
import { emptyHostDirectory } from '../../support/host-directory.ts'

const mib = 1024 * 1024

describe('qemu-img', () => {
  let test: Awaited<ReturnType<typeof emptyHostDirectory>>
  let path: (name: string) => string
  beforeEach(async () => {
    test = await emptyHostDirectory()
    path = (name) => `${test.directory}/${name}`
  })
  afterEach(() => test.cleanup())

  it('makes an overlay of the size asked for, and of the size of its image for 0', async () => {
    const { host } = test
    await createEmpty(host, { target: path('base'), format: 'raw', bytes: 3 * mib })
    await createOverlay(host, { backing: path('base'), backingFormat: 'raw', target: path('disk'), bytes: 5 * mib })
    await createOverlay(host, { backing: path('base'), backingFormat: 'raw', target: path('same'), bytes: 0 })
    expect(await info(host, { path: path('disk'), format: 'qcow2' })).toMatchObject({
      virtualBytes: 5 * mib,
      backing: path('base'),
    })
    expect(await info(host, { path: path('same'), format: 'qcow2' })).toMatchObject({ virtualBytes: 3 * mib })
    expect(statSync(path('disk')).mode & 0o777).toBe(0o600)
  })

  it('grows a disk', async () => {
    await createEmpty(test.host, { target: path('disk'), format: 'qcow2', bytes: mib })
    await resize(test.host, { path: path('disk'), format: 'qcow2', bytes: 4 * mib })
    expect(await info(test.host, { path: path('disk'), format: 'qcow2' })).toMatchObject({ virtualBytes: 4 * mib, backing: null })
  })

  it('S2 never believes a header that a guest wrote into its raw disk', async () => {
    writeFileSync(path('secret'), 'the secret of the host')
    execFileSync('qemu-img', ['create', '-q', '-f', 'qcow2', '-u', '-b', path('secret'), '-F', 'raw', path('raw'), '1M'])
    await convert(test.host, { source: path('raw'), sourceFormat: 'raw', target: path('copy'), targetFormat: 'raw' })
    await resize(test.host, { path: path('raw'), format: 'raw', bytes: 2 * mib })
    expect(statSync(path('raw')).size).toBe(2 * mib)
    expect(readFileSync(path('secret'), 'utf8')).toBe('the secret of the host')
    expect(readFileSync(path('copy')).includes('the secret of the host')).toBe(false)
    expect(await info(test.host, { path: path('raw'), format: 'raw' })).toMatchObject({ virtualBytes: 2 * mib, backing: null })
  })

  it('flattens an overlay into one file of its own', async () => {
    writeFileSync(path('base'), Buffer.alloc(mib, 7))
    await createOverlay(test.host, { backing: path('base'), backingFormat: 'raw', target: path('disk'), bytes: 2 * mib })
    const conversion = { source: path('disk'), sourceFormat: 'qcow2', target: path('flat'), targetFormat: 'qcow2' } as const
    await convert(test.host, { ...conversion, compress: true })
    expect(await info(test.host, { path: path('flat'), format: 'qcow2' })).toMatchObject({ virtualBytes: 2 * mib, backing: null })
  })

  it.each(['disk', 'json:{}', 'nbd:localhost:1', './disk', '/a\0b'])('refuses %j as a path', async (name) => {
    await expect(createEmpty(test.host, { target: name, format: 'raw', bytes: 1 })).rejects.toMatchObject({ kind: 'invalid' })
  })

  it.each([0, -1, 1.5, Number.NaN, 2 ** 60])('refuses a disk of %s bytes', async (bytes) => {
    await expect(createEmpty(test.host, { target: path('x'), format: 'raw', bytes })).rejects.toMatchObject({ kind: 'invalid' })
  })

  it('may write no file much larger than the disk it makes', async () => {
    const scripted = await scriptedHost({ rules: [answersTo('sh')] })
    await createEmpty(scripted, { target: '/disk', format: 'raw', bytes: 1024 ** 3 })
    await createOverlay(scripted, { backing: '/base', backingFormat: 'qcow2', target: '/overlay', bytes: 1024 ** 4 })
    const limits = scripted.ran.map((argv) => Number(argv.find((word) => word.startsWith('--fsize='))?.slice('--fsize='.length)))
    expect(limits[0]).toBeGreaterThan(1024 ** 3)
    expect(limits[0]).toBeLessThan(1.5 * 1024 ** 3)
    expect(limits[1]).toBeLessThan(1024 ** 3)
  })

  it('says what qemu-img said', async () => {
    const fault = resize(test.host, { path: path('none'), format: 'qcow2', bytes: mib })
    await expect(fault).rejects.toMatchObject({ kind: 'internal', message: expect.stringMatching(/exited 1: .*No such file/) })
  })
})
