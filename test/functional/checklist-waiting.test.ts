/** The checklist of a good command line, points 10 to 13 and 16 to 19: waiting, Ctrl-C, exit codes, terminals. */
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { describeExitCodes } from '../../src/cli/exit-codes.ts'
import { faultKinds } from '../../src/core/fault.ts'
import { aFakeCloud, type FakeCloud } from '../support/a-fake-cloud.ts'
import { eventually } from '../support/eventually.ts'
import { keys, onTerminal } from '../support/terminal.ts'

let cloud: FakeCloud
beforeAll(async () => {
  cloud = await aFakeCloud('h1')
})
afterAll(() => cloud.remove())

const boot = (name: string, ...rest: string[]) => ['boot', name, '--flavor', 'm1.tiny', ...rest]
const slowly = (ms: number) => cloud.misbehave('h1', { call: 'spawn', mode: 'slow', ms })
const steps = ['place', 'network', 'image', 'disks', 'config-drive', 'spawn', 'activate']

it('10: --wait, --no-wait, and nova wait SERVER --for … --timeout', async () => {
  slowly(500)
  expect(await cloud.json(...boot('later'), '--no-wait')).toMatchObject({ status: 'BUILD' })
  expect(await cloud.json('wait', 'later', '--for', 'active', '--timeout', '30')).toMatchObject({ status: 'ACTIVE' })
  cloud.misbehave('h1')
  const waiting = await cloud.start(['wait', 'later', '--for', 'deleted', '--timeout', '30'])
  await cloud.out('delete', 'later', '--no-wait')
  expect(await waiting.ended).toMatchObject({ code: 0, stdout: expect.stringContaining('DELETED') })
  expect(await cloud.json('wait', 'later', '--for', 'deleted')).toMatchObject({ status: 'DELETED' })
  expect(await cloud.run(['wait', 'never', '--for', 'deleted'])).toMatchObject({ code: 3 })
})

describe('11: progress', () => {
  it('is one line a step in a pipe, and nothing with -q', async () => {
    const piped = await cloud.run(boot('piped', '-f', 'name'))
    expect(piped).toMatchObject({ stdout: 'piped\n', stderr: steps.map((step) => `create piped: ${step} done\n`).join('') })
    expect(await cloud.run(boot('quiet', '-f', 'name', '-q'))).toMatchObject({ stdout: 'quiet\n', stderr: '' })
  })

  it('is a live list on a terminal', async () => {
    slowly(300)
    const { raw, text, code } = await onTerminal(cloud, boot('shown', '-f', 'name'))
    cloud.misbehave('h1')
    expect(code).toBe(0)
    for (const step of steps) expect(text).toContain(step)
    expect(raw).toContain('\u001b[1A')
    expect(text.trimEnd().split('\n').at(-1)).toBe('shown')
  })
})

describe('12: Ctrl-C stops waiting, says that the work goes on and how to follow it, and exits with 130', () => {
  it('in a pipe', async () => {
    slowly(8000)
    const booting = await cloud.start(boot('parked'))
    await eventually(
      'the spawn',
      async () => (await cloud.json('show', 'parked').catch(() => ({ taskState: '' }))).taskState === 'spawning',
    )
    booting.kill('SIGINT')
    const { code, stdout, stderr } = await booting.ended
    expect({ code, stdout }).toEqual({ code: 130, stdout: '' })
    expect(stderr).toContain('stopped waiting; create parked goes on. follow it with: nova server events parked')
    expect(await cloud.json('wait', 'parked', '--timeout', '30')).toMatchObject({ status: 'ACTIVE' })
  })

  it('on a terminal', async () => {
    slowly(5000)
    const { code, text } = await onTerminal(cloud, boot('pressed'), { talk: [[/spawn/, keys.interrupt]] })
    expect(code).toBe(130)
    expect(text).toMatch(/stopped waiting; create pressed goes on\. follow it with: nova server events pressed/)
    expect(await cloud.json('wait', 'pressed', '--timeout', '30')).toMatchObject({ status: 'ACTIVE' })
    cloud.misbehave('h1')
  })

  it('and --timeout does the same with exit code 8', async () => {
    // Long enough for a start of the program on a busy machine, and the boot longer than that.
    slowly(8000)
    const { code, stderr } = await cloud.run(boot('timed', '--timeout', '4'))
    expect({ code, stderr }).toMatchObject({
      code: 8,
      stderr: expect.stringMatching(/create timed is not finished after 4 s; it goes on/),
    })
    expect(await cloud.json('wait', 'timed', '--timeout', '30')).toMatchObject({ status: 'ACTIVE' })
    cloud.misbehave('h1')
  })
})

it('13: exit codes are one for each kind of fault, and documented', async () => {
  expect(new Set(describeExitCodes().flatMap(({ kinds }) => kinds))).toEqual(new Set(faultKinds))
  const page = readFileSync(new URL('../../docs/reference/exit-codes.md', import.meta.url), 'utf8')
  for (const { code, meaning } of describeExitCodes()) expect(page).toMatch(new RegExp(`\\b${code}\\b.*${meaning.slice(0, 12)}`))
})

it('16: no stack trace without --debug, whatever happens', async () => {
  cloud.misbehave('h1', { call: 'diagnostics', mode: 'fail', message: 'a bug' })
  const plain = await cloud.run(['diagnostics', 'piped'])
  const debug = await cloud.run(['diagnostics', 'piped', '--debug'])
  cloud.misbehave('h1')
  expect(plain).toMatchObject({ code: 1, stderr: expect.stringMatching(/^error: .*a bug\ntry: {2}.*--debug.*\nexit code 1/) })
  expect(plain.stderr).not.toMatch(/^ +at /m)
  expect(debug.stderr).toMatch(/^ +at /m)
})

it('17: --debug shows the request id and the calls, without secrets', async () => {
  const file = cloud.file('secret.txt', '#cloud-config geheim')
  const { stderr } = await cloud.run(boot('debugged', '--user-data', file, '--debug'))
  expect(stderr).toMatch(/debug: req-[0-9a-f-]{36} server\.create \{.*"flavor":"m1.tiny"/)
  expect(stderr).toMatch(/server\.create took \d+ ms/)
  expect(stderr).not.toContain('geheim')
})

describe('18: colours', () => {
  const colored = (raw: string) => raw.includes('\u001b[1m')
  it.each([
    [{}, [], true],
    [{ NO_COLOR: '1' }, [], false],
    [{}, ['--color=never'], false],
    [{ NO_COLOR: '1' }, ['--color', 'always'], true],
    [{ TERM: 'dumb' }, [], false],
  ])('on a terminal with %j %j: %s', async (env, flags, expected) => {
    expect(colored((await onTerminal(cloud, ['list', ...flags], { env })).raw)).toBe(expected)
  })

  it('none in a pipe, unless CLICOLOR_FORCE asks for them', async () => {
    expect(colored((await cloud.run(['list'], { env: { NO_COLOR: '' } })).stdout)).toBe(false)
    expect(colored((await cloud.run(['list'], { env: { NO_COLOR: '', CLICOLOR_FORCE: '1' } })).stdout)).toBe(true)
  })
})

describe('19: prompts', () => {
  it('ask on a terminal for what is missing, from lists', async () => {
    const { text, code } = await onTerminal(cloud, ['boot', 'asked', '-f', 'name'], {
      talk: [
        [/size of the server[\s\S]*m1\.xlarge/, keys.enter],
        [/network[\s\S]*none/, keys.down + keys.enter],
      ],
    })
    expect({ code, last: text.trimEnd().split('\n').at(-1) }).toEqual({ code: 0, last: 'asked' })
    expect(await cloud.json('show', 'asked')).toMatchObject({ flavor: expect.stringMatching(/^m1\./), sshPort: null })
  })

  it('before a delete take no for an answer, and are not asked with --yes', async () => {
    const refused = await onTerminal(cloud, ['delete', 'asked', 'piped'], {
      talk: [[/delete 2 servers asked, piped\?/, keys.enter]],
    })
    expect(refused).toMatchObject({ code: 130, text: expect.stringContaining('nothing was changed') })
    expect(await onTerminal(cloud, ['delete', 'asked', '--yes'])).toMatchObject({
      code: 0,
      text: expect.stringContaining('deleted server asked'),
    })
  })

  it('end with Ctrl-C and change nothing', async () => {
    const { code, text } = await onTerminal(cloud, ['boot', 'never'], { talk: [[/size of the server/, keys.interrupt]] })
    expect({ code, text }).toEqual({ code: 130, text: expect.stringContaining('interrupted; nothing was changed') })
  })

  it('are errors that name the flag in a pipe, and in CI', async () => {
    expect(await cloud.run(['boot', 'x'])).toMatchObject({ code: 2, stderr: expect.stringContaining('needs --flavor') })
    expect(await onTerminal(cloud, ['boot', 'x'], { env: { CI: '1' } })).toMatchObject({
      code: 2,
      text: expect.stringContaining('needs --flavor'),
    })
  })
})
