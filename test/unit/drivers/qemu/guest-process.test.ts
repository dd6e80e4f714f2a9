import { describe, expect, it } from 'vitest'
import { guestPaths, pathsOnHost } from '../../../../src/drivers/qemu/guest-paths.ts'
import { guestPid, guestProcess, runningGuests } from '../../../../src/drivers/qemu/guest-process.ts'
import { answersTo, scriptedHost } from '../../../../src/hosts/scripted.ts'
import { systemRandom } from '../../../../src/system/random.ts'
import { realTime } from '../../../support/host-directory.ts'

const id = '11111111-2222-4333-8444-555555555555'
const other = '99999999-2222-4333-8444-555555555555'
const commandLine = (guest: string) =>
  ['qemu-system-x86_64', '-uuid', guest, '-pidfile', `/srv/${guest}/qemu.lock`, ''].join('\0')

async function contextWith(files: Record<string, string>) {
  const host = await scriptedHost({ files: { [`/srv/${id}/qemu.pid`]: '42\n', ...files } })
  return { host, instancesPath: '/srv', clock: realTime, random: systemRandom, virtType: 'auto' as const }
}
const paths = guestPaths({ instancesPath: '/srv' }, id)

describe('guestPid', () => {
  it('is the process that says it is this guest', async () => {
    expect(await guestPid(await contextWith({ '/proc/42/cmdline': commandLine(id) }), paths)).toBe(42)
  })

  it.each<[string, Record<string, string>]>([
    ['nothing has the number', {}],
    ['another program has the number', { '/proc/42/cmdline': 'sleep\x080\0' }],
    ['another guest has the number', { '/proc/42/cmdline': commandLine(other) }],
    ['it died and nobody took its end', { '/proc/42/cmdline': '', '/proc/42/stat': '42 (qemu (x) y) Z 1 42' }],
    ['the kernel has the number', { '/proc/42/cmdline': '', '/proc/42/stat': '42 (kworker/0:1) I 2 0' }],
    ['the pid file is empty', { [`/srv/${id}/qemu.pid`]: '', '/proc/42/cmdline': commandLine(id) }],
    ['the pid file is damaged', { [`/srv/${id}/qemu.pid`]: '-1', '/proc/-1/cmdline': commandLine(id) }],
  ])('is undefined when %s', async (_, files) => {
    expect(await guestPid(await contextWith(files), paths)).toBeUndefined()
  })

  it('believes a process in the moment in which it becomes qemu', async () => {
    const files = { '/proc/42/cmdline': '', '/proc/42/stat': '42 (sh) R 1 42' }
    expect(await guestPid(await contextWith(files), paths)).toBe(42)
  })
})

describe('guestProcess, in a directory that several hosts see', () => {
  const there = pathsOnHost(paths, 'scripted')
  const arrived = ['qemu-system-x86_64', '-uuid', id, '-pidfile', there.lock, ''].join('\0')

  it('is the one that came here, by its own names', async () => {
    const context = await contextWith({ [there.pid]: '43\n', '/proc/43/cmdline': arrived })
    expect(await guestProcess(context, paths)).toEqual({ pid: 43, paths: there })
    expect(await guestProcess(context, there)).toEqual({ pid: 43, paths: there })
  })

  it('is the one that was booted here, whatever stands beside it', async () => {
    const context = await contextWith({ [there.pid]: '43\n', '/proc/42/cmdline': commandLine(id) })
    expect(await guestProcess(context, there)).toEqual({ pid: 42, paths })
  })

  it('is none of another host', async () => {
    const elsewhere = pathsOnHost(paths, 'other')
    const files = { [elsewhere.pid]: '43\n', '/proc/43/cmdline': arrived.replaceAll(there.lock, elsewhere.lock) }
    expect(await guestProcess(await contextWith(files), paths)).toBeUndefined()
  })
})

it('finds every guest of the directory by its process', async () => {
  const locks = [`/srv/${id}/qemu.lock`, `/srv/${other}/qemu.scripted.lock`]
  const lines = [`/proc/42/cmdline:${locks[0]}`, `/proc/77/cmdline:${locks[1]}`].join('\0')
  const host = await scriptedHost({ rules: [answersTo('find', { stdout: lines, exitCode: 1 })] })
  const context = { host, instancesPath: '/srv', clock: realTime, random: systemRandom, virtType: 'auto' as const }
  expect(await runningGuests(context)).toEqual(
    new Map([
      [id, { pid: 42, paths }],
      [other, { pid: 77, paths: pathsOnHost(guestPaths({ instancesPath: '/srv' }, other), 'scripted') }],
    ]),
  )
})
