/** A state directory, programs and devices that are not as they should be: refused in one line, and left as they are. */

import { spawnSync } from 'node:child_process'
import { chmodSync, chownSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { aFakeCloud, type FakeCloud } from '../support/a-fake-cloud.ts'
import type { CliOptions } from '../support/cli.ts'

/** Who a test runs as that needs somebody without rights. */
const nobody = 65_534
const isRoot = process.getuid?.() === 0
const asNobody = isRoot ? { under: ['setpriv', `--reuid=${nobody}`, `--regid=${nobody}`, '--clear-groups'] } : {}

let cloud: FakeCloud
beforeEach(async () => {
  cloud = await aFakeCloud('h1')
})
afterEach(() => cloud.remove())

/** The error and its next step; nothing changed. */
async function refusal(line: readonly string[], extra: Omit<CliOptions, 'state'> = {}) {
  const before = cloud.fingerprint()
  const refused = await said(line, extra)
  expect(cloud.fingerprint()).toBe(before)
  return refused
}

/** The error and its next step; nothing else was printed. */
async function said(line: readonly string[], extra: Omit<CliOptions, 'state'> = {}) {
  const { code, stdout, stderr } = await cloud.run(line, extra)
  expect(stdout).toBe('')
  const [error = '', ...rest] = stderr.replaceAll(cloud.home, 'HOME').trimEnd().split('\n')
  return { code, error, next: rest.find((text) => text.startsWith('try:')), lines: rest.length + 1 }
}

const booting = ['boot', 'x', '--flavor', 'm1.tiny']

describe('a state directory', () => {
  it.each([['list'], ['boot']])('that others may write is not used by %s', async (verb) => {
    chmodSync(cloud.state, 0o777)
    expect(await refusal(verb === 'list' ? ['list'] : booting)).toEqual({
      code: 4,
      error: expect.stringMatching(/^error: HOME\/state of uid \d+ is writable by others \(mode 777\)$/),
      next: 'try:  chmod go-w HOME/state',
      lines: 3,
    })
  })

  it('that is a symbolic link is not followed', async () => {
    symlinkSync(cloud.state, path.join(cloud.home, 'link'))
    expect(await refusal(['list', '--state', path.join(cloud.home, 'link')])).toMatchObject({
      code: 4,
      error: 'error: HOME/link is a symbolic link',
      next: 'try:  name the directory that it leads to',
    })
  })

  it('that is a file is named', async () => {
    const file = cloud.file('plain', 'x')
    expect(await refusal(['list', '--state', file])).toMatchObject({
      code: 2,
      error: 'error: HOME/plain is not a directory',
      next: 'try:  name another state directory',
    })
  })

  it('that cannot be made is named', async () => {
    const below = path.join(cloud.file('plain', 'x'), 'state')
    expect(await refusal([...booting, '--state', below])).toMatchObject({
      code: expect.any(Number),
      error: expect.stringMatching(/^error: HOME\/plain/),
      next: expect.any(String),
      lines: 3,
    })
  })

  it.runIf(isRoot)('of somebody else is not used', async () => {
    chmodSync(cloud.home, 0o755)
    expect(await refusal(['list'], asNobody)).toMatchObject({
      code: 4,
      error: expect.stringContaining('HOME/state'),
      next: expect.any(String),
    })
    chownSync(cloud.state, nobody, nobody)
    expect(await refusal(booting)).toMatchObject({
      code: 4,
      error: `error: HOME/state belongs to uid ${nobody}, this process runs as uid 0`,
      next: expect.stringContaining(`run as uid ${nobody}`),
    })
  })

  it('that may not be written is named by what writes', async () => {
    chmodSync(cloud.home, 0o755)
    for (const name of ['.', ...readdirSync(cloud.state)]) if (isRoot) chownSync(path.join(cloud.state, name), nobody, nobody)
    for (const name of readdirSync(cloud.state)) chmodSync(path.join(cloud.state, name), name === 'instances' ? 0o500 : 0o400)
    chmodSync(cloud.state, 0o500)
    expect(await refusal(booting, asNobody)).toMatchObject({
      code: 4,
      error: expect.stringContaining('HOME/state'),
      next: expect.any(String),
      lines: 3,
    })
    const { code } = await cloud.run(['list'], asNobody)
    expect(code).toBe(0)
  })

  it.each([
    ['the journal', 'journal.0.jsonl'],
    ['the manifest', 'manifest.json'],
  ])('with damage in %s is refused by file and place', async (_, name) => {
    const file = path.join(cloud.state, name)
    const bytes = readFileSync(file)
    bytes[40] = (bytes[40] ?? 0) ^ 1
    writeFileSync(file, bytes)
    const { code, error, next } = await refusal(['list'])
    expect({ code, next }).toEqual({ code: 1, next: expect.any(String) })
    expect(error).toContain(`HOME/state/${name}`)
  })

  it('with settings that are none is refused by file and key', async () => {
    cloud.file('state/settings.json', '{"cpuAllocationRatioo": 2}')
    expect(await refusal(['list'])).toMatchObject({
      code: 2,
      error: expect.stringContaining('HOME/state/settings.json: unknown setting "cpuAllocationRatioo"'),
    })
    cloud.file('state/settings.json', '{')
    expect(await refusal(['list'])).toMatchObject({
      code: 2,
      error: expect.stringContaining('HOME/state/settings.json is not JSON'),
    })
  })
})

describe('a machine', () => {
  it('without qemu says what to install', async ({ skip }) => {
    const under = withoutQemu()
    if (!under) return skip('no mount namespace may be made here')
    // the host's record is there while it is asked, and gone again
    expect(await said(['host', 'add', 'real'], { under })).toMatchObject({
      code: 10,
      error: 'error: host real has no qemu-system-x86_64',
      next: expect.stringContaining('apt-get install qemu-system-x86'),
    })
    expect(await cloud.out('host', 'list', '-f', 'name')).toBe('h1')
  })

  // Only root can give up the right to a device; elsewhere the suite runs as a user who may lack it already.
  it.runIf(isRoot)('whose KVM this user may not open says so', async ({ skip }) => {
    const device = statSync('/dev/kvm', { throwIfNoEntry: false })
    skip(!device || (device.mode & 0o006) !== 0, 'this machine has no /dev/kvm that is closed to others')
    chmodSync(cloud.home, 0o755)
    const state = path.join(cloud.home, 'own')
    mkdirSync(state, { mode: 0o700 })
    chownSync(state, nobody, nobody)
    const line = ['host', 'add', 'real', '--virt-type', 'kvm', '--state', state]
    expect(await said(line, asNobody)).toMatchObject({
      code: 4,
      error: 'error: host real: no permission on /dev/kvm',
      next: expect.stringContaining('group kvm'),
    })
  })
})

/** Runs in a mount namespace of its own whose /usr/bin has every program but qemu's; undefined when that is not allowed here. */
function withoutQemu(): readonly string[] | undefined {
  const original = path.join(cloud.home, 'original')
  mkdirSync(original)
  const hide =
    'mount --bind /usr/bin "$0" && mount -t tmpfs none /usr/bin && PATH="$0" && ln -s "$0"/* /usr/bin/ && rm /usr/bin/qemu-*'
  const under = ['unshare', '-m', 'sh', '-c', `${hide} && PATH=/usr/bin:/bin && exec "$@"`, original]
  return spawnSync('unshare', [...under.slice(1), 'true']).status === 0 ? under : undefined
}
