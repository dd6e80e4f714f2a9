/** A real guest keeps what it writes to an extra disk through every move, until the disk is removed. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { localHost } from '../../src/hosts/local.ts'
import { eventually } from '../support/eventually.ts'
import { guestImage } from '../support/guest-image.ts'
import { realTime } from '../support/host-directory.ts'
import { typeLine } from '../support/serial-console.ts'
import { type TortureState, tortureState } from '../support/torture-state.ts'

const host = localHost({ name: 'here', clock: realTime })
let world: TortureState

beforeAll(async () => {
  world = await tortureState({ host: 'host add h1 --driver qemu' })
  await succeeds('host add h2 --driver qemu')
  await succeeds('flavor create small --ram 128 --vcpus 1 --disk 1')
  await succeeds(`image create guest --file ${(await guestImage()).disk}`)
  await succeeds('boot web-1 --flavor small --image guest --availability-zone nova:h1')
  await atPrompt(1)
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

const serverOf = async () => {
  const [server] = await world.liveServers()
  if (!server) throw new Error('there is no server')
  return server
}
const directory = async () => {
  const { id, host: name } = await serverOf()
  return join(world.state, 'instances', name ?? '', id)
}
const serial = async (name: string) => (await serverOf()).disks.find((disk) => disk.name === name)?.serial ?? 'none'
const files = async () => readdirSync(await directory()).filter((name) => name.startsWith('disk.extra'))

/** Waits until the guest where it is now has booted so many times. */
async function atPrompt(times: number): Promise<void> {
  const log = join(await directory(), 'console.log')
  const prompts = () => (existsSync(log) ? readFileSync(log, 'utf8').split(' login:').length - 1 : 0)
  await eventually(`prompt ${times}`, async () => prompts() >= times, 240_000)
}

/** Types a line at the guest's console and waits until it says that between angle brackets. */
async function tellGuest(line: string, answer: string): Promise<void> {
  const console = await host.connect(join(await directory(), 'serial.sock'))
  await typeLine(console, `${line}; echo "<$said>"`, `<${answer}>`, 120_000)
  console.destroy()
}

/** In the guest: `$d` is the device whose serial that is. */
const device = (of: string) => `d=$(grep -l ${of} /sys/block/*/serial | cut -d/ -f4)`
const sees = async (name: string) =>
  tellGuest(`while ${device(await serial(name))}; [ -z "$d" ]; do sleep 1; done; said=sees-\${d:+it}`, 'sees-it')
const writes = async (name: string, text: string) =>
  tellGuest(
    `${device(await serial(name))}; echo ${text} | dd of=/dev/$d bs=1M seek=100 conv=notrunc,fsync 2>/dev/null; said=wrote-$((6*7))`,
    'wrote-42',
  )
const reads = async (name: string, text: string) =>
  tellGuest(
    `echo 3 >/proc/sys/vm/drop_caches; ${device(await serial(name))}; said=read-$(dd if=/dev/$d bs=1M skip=100 count=1 2>/dev/null | head -n 1)`,
    `read-${text}`,
  )

it('sees an extra disk by its serial and writes to it', async () => {
  await succeeds('server add-disk web-1 --size 1 --name data')
  await sees('data')
  await writes('data', 'on-the-data-disk')
  await reads('data', 'on-the-data-disk')
})

it('keeps it on a live migration, and gets and loses another one there', async () => {
  await succeeds('live-migration web-1 h2')
  expect(await serverOf()).toMatchObject({ host: 'h2', vmState: 'active' })
  await reads('data', 'on-the-data-disk')
  await succeeds('disk-attach web-1 --size 1 --name more')
  await sees('more')
  const gone = await serial('more')
  await succeeds('server remove-disk web-1 more --yes')
  await tellGuest(`${device(gone)}; said=gone-\${d:-it}`, 'gone-it')
  expect(await files()).toHaveLength(1)
})

it('keeps it when it is stopped and started', async () => {
  await succeeds('stop web-1')
  await succeeds('start web-1')
  await atPrompt(2)
  await reads('data', 'on-the-data-disk')
})

it('keeps it on a cold migration, which is taken back, and on one that is confirmed', async () => {
  await succeeds('migrate web-1 --host h1')
  await atPrompt(1)
  await reads('data', 'on-the-data-disk')
  await succeeds('resize-revert web-1 --yes')
  await atPrompt(3)
  await succeeds('migrate web-1 --host h1')
  await succeeds('resize-confirm web-1')
  await atPrompt(1)
  await reads('data', 'on-the-data-disk')
})

it('goes on where its late disks are not in the order of their coming', async () => {
  await succeeds('server add-disk web-1 --size 1 --name late')
  await sees('late')
  await writes('late', 'on-the-late-disk')
  await succeeds('server remove-disk web-1 data --yes')
  await succeeds('suspend web-1')
  await succeeds('resume web-1')
  await reads('late', 'on-the-late-disk')
  await succeeds('live-migration web-1 h2')
  await reads('late', 'on-the-late-disk')
})

it('has lost it once it is removed', async () => {
  const gone = await serial('late')
  await succeeds('server remove-disk web-1 late --yes')
  await tellGuest(`${device(gone)}; said=gone-\${d:-it}`, 'gone-it')
  expect(await files()).toEqual([])
  expect((await serverOf()).disks).toEqual([])
  expect(await world.findings()).toEqual([])
})
