/** `npm start` with a real hypervisor: a guest to its login prompt and back, twice; and the same from the installed package. */
import { execFile } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { guestImage } from '../support/guest-image.ts'

const root = path.resolve(import.meta.dirname, '../..')
const run = promisify(execFile)
let home: string
beforeAll(() => {
  home = mkdtempSync(path.join(os.tmpdir(), 'nk-'))
})
afterAll(() => rmSync(home, { recursive: true, force: true }))

/** Processes whose command line names the directory of this test. */
const leftovers = () =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => textOf(`/proc/${pid}/cmdline`))
    .filter((command) => command.includes(home) && command.includes('qemu-system'))

function textOf(file: string): string {
  try {
    return readFileSync(file, 'latin1')
  } catch {
    return ''
  }
}

it('npm start boots a guest to its login prompt, deletes it, and repeats nothing that is there', async () => {
  const start = () => run('npm', ['start', '--silent', '--', '--state', path.join(home, 'state')], { cwd: root })
  for (const time of ['first', 'second']) {
    const { stdout } = await start()
    expect(stdout, time).toMatch(/demo +ACTIVE/)
    expect(stdout, time).toMatch(/\blogin:/)
    expect(stdout, time).toContain('deleted server demo')
    expect(leftovers()).toEqual([])
  }
})

describe('the installed package', () => {
  const nova = async (...line: string[]) => {
    const env = { PATH: process.env.PATH, HOME: home, NOVA_STATE: path.join(home, 'own') }
    return (await run(path.join(home, 'node_modules', '.bin', 'nova'), line, { cwd: home, env })).stdout.trimEnd()
  }
  beforeAll(async () => {
    const env = { PATH: process.env.PATH, HOME: home, npm_config_offline: 'true' }
    await run('npm', ['pack', '--ignore-scripts', '--pack-destination', home], { cwd: root, env })
    const [tarball = ''] = readdirSync(home).filter((name) => name.endsWith('.tgz'))
    await run('npm', ['install', '--prefix', home, path.join(home, tarball)], { cwd: home, env })
  })

  it.each(['disk', 'kernel'])('boots a real guest from its %s', async (from) => {
    const { kernel, ramdisk, disk } = await guestImage()
    await nova('host', 'add', 'here', '--or-reuse')
    await nova('image', 'create', 'kernel', '--file', kernel, '--disk-format', 'kernel', '--or-reuse')
    await nova('image', 'create', 'ramdisk', '--file', ramdisk, '--disk-format', 'ramdisk', '--or-reuse')
    const parts = from === 'kernel' ? ['--kernel', 'kernel', '--ramdisk', 'ramdisk'] : []
    await nova('image', 'create', from === 'kernel' ? 'direct' : 'tiny', '--file', disk, ...parts)
    await nova('flavor', 'create', 'nano', '--ram', '128', '--vcpus', '1', '--disk', '1', '--or-reuse')
    expect(await nova('boot', 'real', '--image', from === 'kernel' ? 'direct' : 'tiny', '--flavor', 'nano', '-f', 'name')).toBe(
      'real',
    )
    try {
      expect(await nova('wait', 'real', '--for', 'login', '--timeout', '240', '-f', 'value', '-c', 'status')).toBe('ACTIVE')
      expect(await nova('diagnostics', 'real', '--json')).toContain('"running"')
    } finally {
      await nova('delete', 'real')
    }
    expect(leftovers()).toEqual([])
  })
})
