/** What a real guest wrote is in an image that was made while it ran, and comes back from a shelf on another host. */
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
const bootMs = 180_000
let world: TortureState

beforeAll(async () => {
  world = await tortureState({ host: 'host add h1 --driver qemu' })
  await succeeds('host add h2 --driver qemu')
  await succeeds('flavor create small --ram 128 --vcpus 1 --disk 1')
  await succeeds(`image create guest --file ${(await guestImage()).disk} --property purpose=tests`)
  await succeeds('boot web-1 --flavor small --image guest --availability-zone nova:h1')
  await atPrompt('web-1')
})
afterAll(async () => {
  for (const { name } of await world.liveServers()) await world.run(`delete ${name} --yes`)
  world.cleanup()
})

async function succeeds(args: string): Promise<string> {
  const { code, stdout, stderr } = await world.run(args)
  expect(code, `nova ${args}: ${stderr}`).toBe(0)
  return stdout
}

const instances = (name: string) => join(world.state, 'instances', name)
const serverOf = async (name: string) => (await world.liveServers()).find((server) => server.name === name)
const directoryOf = async (name: string) => {
  const server = await serverOf(name)
  return join(instances(server?.host ?? ''), server?.id ?? '')
}
const imageNamed = (name: string) =>
  world.read(async (reader) => (await reader.list('images')).find((image) => image.name === name && !image.deleted))

async function atPrompt(name: string): Promise<void> {
  const log = join(await directoryOf(name), 'console.log')
  const isUp = async () => existsSync(log) && readFileSync(log, 'utf8').includes(' login:')
  await eventually(`the prompt of ${name}`, isUp, bootMs)
}

async function tellGuest(name: string, line: string, answer: string): Promise<void> {
  const console = await host.connect(join(await directoryOf(name), 'serial.sock'))
  await typeLine(console, `${line}; echo "<$said>"`, `<${answer}>`, bootMs)
  console.destroy()
}

const write = (text: string) => `echo ${text} | dd of=/dev/vda bs=1M seek=100 conv=notrunc,fsync 2>/dev/null; said=wrote-$((6*7))`
const read = 'said=read-$(dd if=/dev/vda bs=1M skip=100 count=1 2>/dev/null | head -n 1)'
const leftOn = (name: string) => readdirSync(instances(name)).filter((entry) => !entry.startsWith('.') && entry !== '_base')
const incoming = () => readdirSync(join(world.state, 'images')).filter((name) => name.includes('incoming'))

describe('a guest that wrote to its disk', () => {
  it('runs on while an image of it is made, and another server boots from that', async () => {
    await tellGuest('web-1', write('before-the-image'), 'wrote-42')
    await succeeds('server create-image web-1 golden')
    await tellGuest('web-1', write('after-the-image'), 'wrote-42')
    expect(await imageNamed('golden')).toMatchObject({ status: 'active', format: 'qcow2', virtualSize: 1024 ** 3, minDisk: 1 })
    expect(Object.fromEntries((await imageNamed('golden'))?.properties ?? [])).toMatchObject({
      purpose: 'tests',
      image_type: 'snapshot',
      instance_uuid: (await serverOf('web-1'))?.id,
    })
    expect(readdirSync(await directoryOf('web-1'))).not.toContain('snapshot.qcow2')
    expect(incoming()).toEqual([])
    await succeeds('boot web-2 --flavor small --image golden --availability-zone nova:h2')
    await atPrompt('web-2')
    await tellGuest('web-2', read, 'read-before-the-image')
    await succeeds('delete web-2 --yes')
    expect(await world.findings()).toEqual([])
  })

  it('keeps two of three backups', async () => {
    for (const name of ['monday', 'tuesday', 'wednesday']) await succeeds(`backup web-1 ${name} daily 2`)
    const found = await Promise.all(['monday', 'tuesday', 'wednesday'].map(imageNamed))
    expect(found.map((image) => image?.status)).toEqual([undefined, 'active', 'active'])
    for (const name of ['tuesday', 'wednesday']) await succeeds(`image delete ${name} --yes`)
  })

  it('is nowhere while it is shelved, and comes back on another host with what it wrote', async () => {
    await succeeds('shelve web-1')
    expect(await serverOf('web-1')).toMatchObject({ vmState: 'shelved_offloaded', taskState: null, host: null })
    expect(leftOn('h1')).toEqual([])
    expect(qemuProcesses(instances('h1'))).toEqual([])
    expect((await world.run('image delete web-1-shelved --yes')).stderr).toContain('holds the disk of shelved server web-1')
    expect(await world.findings()).toEqual([])
    await succeeds('host set h1 --disable')
    await succeeds('image delete guest --yes')
    await succeeds('unshelve web-1')
    expect(await serverOf('web-1')).toMatchObject({ vmState: 'active', host: 'h2', shelved: null })
    await atPrompt('web-1')
    await tellGuest('web-1', read, 'read-after-the-image')
    expect(await imageNamed('web-1-shelved')).toBeUndefined()
    expect(await world.findings()).toEqual([])
  })

  it('moves on although no image of it is left, and can be shelved again', async () => {
    await succeeds('host set h1 --enable')
    await succeeds('migrate web-1 --host h1')
    await succeeds('resize-confirm web-1')
    await succeeds('shelve web-1')
    await succeeds('unshelve web-1')
    await atPrompt('web-1')
    await tellGuest('web-1', read, 'read-after-the-image')
    await succeeds('delete web-1 --yes')
    for (const name of ['h1', 'h2']) expect(leftOn(name)).toEqual([])
    expect(incoming()).toEqual([])
    expect(await world.findings()).toEqual([])
  })
})
