/** A real guest moves between two hosts with what it wrote: a bigger flavor, back again, then for good. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { localHost } from '../../src/hosts/local.ts'
import { eventually } from '../support/eventually.ts'
import { guestImage } from '../support/guest-image.ts'
import { realTime } from '../support/host-directory.ts'
import { qemuProcesses } from '../support/host-oracle.ts'
import { typeLine } from '../support/serial-console.ts'
import { type TortureState, tortureState } from '../support/torture-state.ts'

const host = localHost({ name: 'here', clock: realTime })
const hosts = ['h1', 'h2', 'h3'] as const
let world: TortureState

beforeAll(async () => {
  world = await tortureState({ host: 'host add h1 --driver qemu' })
  await succeeds('host add h2 --driver qemu')
  await succeeds('host add h3 --driver qemu')
  await succeeds('flavor create small --ram 128 --vcpus 1 --disk 1 --ephemeral 1')
  // One vCPU: with two, once, the guest did not reach its prompt beside three other emulators.
  await succeeds('flavor create big --ram 192 --vcpus 1 --disk 2 --ephemeral 1')
  await succeeds(`image create guest --file ${(await guestImage()).disk}`)
  await succeeds('boot web-1 --flavor small --image guest --availability-zone nova:h1')
  await atPrompt('h1')
})
afterAll(async () => {
  if ((await world.liveServers()).length > 0) await world.run('delete web-1 --yes')
  world.cleanup()
})

async function succeeds(args: string): Promise<string> {
  const { code, stdout, stderr } = await world.run(args)
  expect(code, `nova ${args}: ${stderr}`).toBe(0)
  return stdout
}

const instances = (name: string) => join(world.state, 'instances', name)
const serverOf = async () => (await world.liveServers())[0]
const guestDirectory = async (name: string) => join(instances(name), (await serverOf())?.id ?? '')

/** Waits until the guest on that host has booted. */
async function atPrompt(name: string): Promise<void> {
  const log = join(await guestDirectory(name), 'console.log')
  await eventually(`the prompt on ${name}`, async () => existsSync(log) && readFileSync(log, 'utf8').includes(' login:'))
}

/** Types a line at the guest's console and resolves with what it says between angle brackets. */
async function tellGuest(name: string, line: string, answer: string): Promise<void> {
  const console = await host.connect(join(await guestDirectory(name), 'serial.sock'))
  await typeLine(console, `${line}; echo "<$said>"`, `<${answer}>`)
  console.destroy()
}

const write = (disk: string, text: string) =>
  `echo ${text} | dd of=/dev/${disk} bs=1M seek=100 conv=notrunc,fsync 2>/dev/null; said=wrote-$((6*7))`
const read = (disk: string) => `said=read-$(dd if=/dev/${disk} bs=1M skip=100 count=1 2>/dev/null | head -n 1)`
const sectors = (gib: number) => String((gib * 1024 ** 3) / 512)
const oneRuns = () => expect(hosts.flatMap((name) => qemuProcesses(instances(name)))).toHaveLength(1)

describe('a guest that wrote to its disks', () => {
  it('finds it all on the other host, with more disk, and waits for its confirm', async () => {
    await tellGuest('h1', write('vda', 'on-the-root'), 'wrote-42')
    await tellGuest('h1', write('vdb', 'on-the-second'), 'wrote-42')
    await succeeds('resize web-1 big --host h2')
    expect(await serverOf()).toMatchObject({ vmState: 'resized', host: 'h2', powerState: 'running', flavor: { name: 'big' } })
    oneRuns()
    await atPrompt('h2')
    await tellGuest('h2', read('vda'), 'read-on-the-root')
    await tellGuest('h2', read('vdb'), 'read-on-the-second')
    await tellGuest('h2', 'said=$(cat /sys/block/vda/size)', sectors(2))
    expect(await world.findings()).toEqual([])
  })

  it('is back as it was after a revert', async () => {
    await tellGuest('h2', write('vda', 'never-happened'), 'wrote-42')
    await succeeds('resize-revert web-1 --yes')
    expect(await serverOf()).toMatchObject({ vmState: 'active', host: 'h1', powerState: 'running', flavor: { name: 'small' } })
    oneRuns()
    await eventually(
      'a second boot',
      async () => readFileSync(join(await guestDirectory('h1'), 'console.log'), 'utf8').split(' login:').length > 2,
    )
    await tellGuest('h1', read('vda'), 'read-on-the-root')
    await tellGuest('h1', 'said=$(cat /sys/block/vda/size)', sectors(1))
    expect(await world.findings()).toEqual([])
  })

  it('moves to a host that never had its image, though the image is deleted, and stays there', async () => {
    await succeeds('image delete guest --yes')
    await succeeds('migrate web-1 --host h3')
    await succeeds('resize-confirm web-1')
    expect(await serverOf()).toMatchObject({ vmState: 'active', host: 'h3', flavor: { name: 'small' } })
    oneRuns()
    await atPrompt('h3')
    await tellGuest('h3', read('vda'), 'read-on-the-root')
    expect(await world.findings()).toEqual([])
    expect(readdirSync(instances('h1')).filter((name) => !name.startsWith('.') && name !== '_base')).toEqual([])
  })

  it('leaves nothing on either host when it is deleted before its confirm', async () => {
    await succeeds('resize web-1 big --host h1')
    await succeeds('delete web-1 --yes')
    for (const name of hosts) {
      expect(readdirSync(instances(name)).filter((entry) => !entry.startsWith('.') && entry !== '_base')).toEqual([])
      expect(readdirSync(join(instances(name), '.ports'))).toEqual([])
    }
    expect(await world.findings()).toEqual([])
  })
})
