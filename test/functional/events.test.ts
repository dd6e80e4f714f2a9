/** `nova events` beside other processes: in order, each once, also after a kill and through a daemon. */
import { afterEach, describe, expect, it } from 'vitest'
import { aDaemon, type Daemon } from '../support/a-daemon.ts'
import { aFakeCloud, type FakeCloud } from '../support/a-fake-cloud.ts'
import type { RunningCli } from '../support/cli.ts'
import { eventually } from '../support/eventually.ts'

let cloud: FakeCloud
let daemon: Daemon | undefined
let follower: RunningCli | undefined
afterEach(async () => {
  follower?.kill()
  daemon?.kill()
  await daemon?.ended
  daemon = undefined
  cloud.remove()
})

interface Told {
  readonly message_id: string
  readonly event_type: string
}
const told = (text: string): Told[] =>
  text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line))

/** A follower whose lines are read while it runs. */
async function follow(since: string, ...more: string[]) {
  const running = await cloud.start(['events', '--follow', '--json', '--since', since, ...more])
  follower = running
  return running
}

const boot = (name: string) => cloud.out('boot', name, '--flavor', 'm1.tiny', '--nic', 'none')
const all = async () => JSON.parse(await cloud.out('events', '--since', '0', '--json')) as Told[]
const ends = (events: readonly Told[]) => events.filter(({ event_type }) => event_type === 'compute.instance.create.end').length

describe('nova events', () => {
  it('follows boots of other processes in order, and loses nothing over a kill -9', async () => {
    cloud = await aFakeCloud('kvm-1')
    const first = await follow('0')
    await boot('web-1')
    await eventually('the follower saw the boot', async () => ends(told(first.stdout())) === 1)
    first.kill()
    await first.ended
    const seen = told(first.stdout())
    await boot('web-2')
    const second = await follow(seen.at(-1)?.message_id ?? '0')
    await boot('web-3')
    await eventually('the second follower saw both boots', async () => ends(told(second.stdout())) === 2)
    const everything = await all()
    const both = [...seen, ...told(second.stdout())].map(({ message_id }) => message_id)
    expect(both).toEqual(everything.map(({ message_id }) => message_id).slice(0, both.length))
    second.kill('SIGINT')
    expect((await second.ended).code).toBe(130)
  }, 120_000)

  it('follows a daemon the same way', async () => {
    cloud = await aFakeCloud('kvm-1')
    daemon = await aDaemon(cloud.state, cloud.env)
    const running = await follow('0', '--type', 'compute.instance.create.*')
    await Promise.all([boot('web-1'), boot('web-2')])
    await eventually('both boots', async () => ends(told(running.stdout())) === 2)
    const wanted = (await all()).filter(({ event_type }) => event_type.startsWith('compute.instance.create.'))
    expect(told(running.stdout())).toEqual(wanted)
  }, 120_000)

  it('shows people a line each, of one server only', async () => {
    cloud = await aFakeCloud('kvm-1')
    await boot('web-1')
    await boot('web-2')
    const lines = (await cloud.out('events', '--server', 'web-2', '--type', '*.create.*')).split('\n')
    expect(lines).toHaveLength(2)
    expect(lines[0]).toMatch(/^\d+\.\d+ {2}\S+Z {2}compute\.instance\.create\.start {2}web-2 {2}building block_device_mapping$/)
  }, 60_000)
})
