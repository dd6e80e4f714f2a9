/** Watching a daemon from the command line: `nova top` on a terminal and in a pipe, and its log as it grows. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { aFakeCloud, type FakeCloud } from '../support/a-fake-cloud.ts'
import { eventually } from '../support/eventually.ts'
import { onTerminal } from '../support/terminal.ts'

/** The change to the second screen. */
const screen = '\u001b[?1049h'

let cloud: FakeCloud
beforeAll(async () => {
  cloud = await aFakeCloud('host-a', 'host-b')
  await cloud.out('daemon', 'start')
  await cloud.out('boot', 'web-1', '--flavor', 'm1.tiny')
})
afterAll(async () => {
  await cloud.run(['daemon', 'stop'])
  cloud.remove()
})

describe('nova top', () => {
  it('prints one look in a pipe: calls, servers, services and the load of hosts', async () => {
    const text = await cloud.out('top')
    expect(text).toMatch(/^calls {4}\d+\.\d\/s/m)
    expect(text).toMatch(/^servers {2}ACTIVE 1$/m)
    expect(text).toMatch(/^nova-conductor +\S+ +enabled +up/m)
    expect(text).toMatch(/^host-[ab] +enabled +up +1 +1\/64 +512\/\d+/m)
    expect(text).not.toContain('\u001b')
    expect(await cloud.json('top')).toMatchObject({ serversByState: { ACTIVE: 1 }, hosts: [{ state: 'up' }, { state: 'up' }] })
  })

  it.each([
    ['q', 'q'],
    ['Ctrl-C', '\u0003'],
  ])('is drawn anew on a terminal until %s, and leaves the terminal as it was', async (_, key) => {
    const { code, raw } = await onTerminal(cloud, ['top', '--interval', '1'], {
      talk: [
        [/q leaves/, ''],
        [/q leaves/, key],
      ],
      redirect: '; code=$?; stty -a; exit $code',
    })
    expect(code).toBe(0)
    const [before = '', view = '', after = ''] = raw.replaceAll('\u001b[?1049l', screen).split(screen)
    expect(before.trim()).toBe('')
    expect(view.split('\u001b[H').length).toBeGreaterThan(2)
    expect(view).toContain('every 1 s')
    expect(after).toMatch(/ icanon/)
    expect(after).toMatch(/ echo\b/)
  })

  it('prints one look on a terminal with --once', async () => {
    const { code, raw } = await onTerminal(cloud, ['top', '--once'])
    expect(code).toBe(0)
    expect(raw).not.toContain('\u001b[?1049h')
  })

  it('asks the daemon of an endpoint', async () => {
    const at = ['top', '--endpoint', `unix:${cloud.state}/nova.sock`]
    expect((await cloud.run(at)).stdout).toMatch(/^servers {2}ACTIVE 1$/m)
    expect(await cloud.run(['top', '--endpoint', `unix:${cloud.home}/none.sock`])).toMatchObject({ code: 9 })
  })
})

describe('nova daemon logs --follow', () => {
  it('shows what the daemon logs from now on', async () => {
    const following = await cloud.start(['daemon', 'logs', '--follow', '--lines', '1'])
    await eventually('the first line is there', async () => following.stdout().includes('\n'))
    await cloud.out('server', 'rename', 'web-1', 'web-2')
    await eventually('the call is told', async () => following.stdout().includes('server.rename'))
    following.kill('SIGINT')
    expect((await following.ended).code).toBe(130)
  })
})
