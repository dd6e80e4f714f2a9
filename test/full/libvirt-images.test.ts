/** What a real guest of libvirt wrote is in an image that was made while it ran, and it hears that its hardware changes. */
import { execFileSync } from 'node:child_process'
import { closeSync, openSync, readdirSync, readSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { GuestSpec } from '../../src/drivers/driver.ts'
import { aDisk, aNic } from '../support/a-guest.ts'
import { directGuest, loginPrompt } from '../support/bootable-guest.ts'
import { diskContent } from '../support/disk-content.ts'
import { libvirtHost, libvirtObstacle } from '../support/libvirt-daemon.ts'
import { typeLine } from '../support/serial-console.ts'

/** The address on PCI of the disk with that serial. */
const addressOf = (xml: string, serial: string): string | undefined =>
  /<address type='pci' [^>]*>/.exec(xml.split('<disk ').find((disk) => disk.includes(`<serial>${serial}<`)) ?? '')?.[0]

const obstacle = libvirtObstacle()
const isSkipped = obstacle !== undefined && process.env.CI !== 'true'
const [first, second, third] = [1, 2, 3].map((digit) => aNic({ mac: `fa:16:3e:00:00:0${digit}` }))

describe.skipIf(isSkipped)(`a guest of libvirt${isSkipped ? ` (${obstacle})` : ''}`, () => {
  let lab: Awaited<ReturnType<typeof libvirtHost>>
  let guest: GuestSpec
  beforeAll(async () => {
    if (obstacle !== undefined) throw new Error(obstacle)
    lab = await libvirtHost({ user: 'libvirt-qemu' })
    const driver = lab.driver()
    const { image, imageFile } = diskContent(lab.root)
    await driver.cacheImage(image, imageFile)
    guest = { ...(await directGuest(driver)), disks: [aDisk({ image, bytes: 8 * 1024 ** 2 })], nics: first ? [first] : [] }
    await driver.createDisks(guest)
    await driver.spawn(guest)
    await loginPrompt(driver, guest.id)
  })
  afterAll(() => lab?.cleanup())

  const tell = async (line: string, answer: string) => {
    const console = await lab.host.connect(await lab.driver().consoleSocket(guest.id))
    await typeLine(console, `${line}; echo "<$said>"`, `<${answer}>`, 120_000)
    console.destroy()
  }
  const write = (text: string) => `echo ${text} | dd of=/dev/vda bs=1M seek=4 conv=notrunc,fsync 2>/dev/null; said=wrote-$((6*7))`
  const addresses = 'sleep 2; said=$(cat /sys/class/net/e*/address | tr "\\n" " ")'

  it('runs on while an image of it is made, which holds what it wrote until then', async () => {
    await tell(write('before-the-image'), 'wrote-42')
    const file = join(lab.root, 'taken.qcow2')
    await lab.driver().snapshot(guest.id, file, { deadlineMs: 120_000 })
    await tell(write('after-the-image'), 'wrote-42')
    execFileSync('qemu-img', ['convert', '-f', 'qcow2', '-O', 'raw', file, `${file}.raw`])
    const text = Buffer.alloc(16)
    const fd = openSync(`${file}.raw`, 'r')
    readSync(fd, text, 0, text.length, 4 * 1024 ** 2)
    closeSync(fd)
    expect(text.toString('latin1')).toBe('before-the-image')
    expect(execFileSync('qemu-img', ['info', '-f', 'qcow2', file], { encoding: 'utf8' })).not.toContain('backing file')
  })

  it('sees interfaces come and go, also the one that it was started with', async () => {
    const driver = lab.driver()
    for (const nic of [second, third]) if (nic) await driver.attachNic(guest.id, nic)
    await tell(addresses, [first, second, third].map((nic) => `${nic?.mac} `).join(''))
    await driver.detachNic(guest.id, second?.mac ?? '')
    await driver.detachNic(guest.id, first?.mac ?? '')
    await tell(addresses, `${third?.mac} `)
    expect((await driver.diagnostics(guest.id)).nics.map(({ mac }) => mac)).toEqual([third?.mac])
  })

  it('sees an extra disk by its serial until it is removed, at the same place before and after its next start', async () => {
    const driver = lab.driver()
    const serial = 'ab'.repeat(10)
    const device = `d=$(grep -l ${serial} /sys/block/*/serial | cut -d/ -f4)`
    const read = `echo 3 >/proc/sys/vm/drop_caches; ${device}; said=read-$(dd if=/dev/$d bs=1M skip=8 count=1 2>/dev/null | head -n 1)`
    await driver.attachDisk(guest.id, aDisk({ role: 'extra', bytes: 16 * 1024 ** 2, serial }))
    await tell(
      `while ${device}; [ -z "$d" ]; do sleep 1; done; echo kept | dd of=/dev/$d bs=1M seek=8 conv=fsync 2>/dev/null; said=wrote-$((6*7))`,
      'wrote-42',
    )
    await tell(read, 'read-kept')
    const [running, defined] = [await lab.virsh('dumpxml', guest.id), await lab.virsh('dumpxml', guest.id, '--inactive')]
    expect(addressOf(running.stdout, serial)).toMatch(/bus=/)
    expect(addressOf(defined.stdout, serial)).toBe(addressOf(running.stdout, serial))
    await driver.reboot(guest.id, { kind: 'hard', timeoutMs: 0 })
    await loginPrompt(driver, guest.id, 2)
    await tell(read, 'read-kept')
    await driver.detachDisk(guest.id, serial)
    await tell(`${device}; said=gone-\${d:-it}`, 'gone-it')
    expect(readdirSync(join(lab.instancesPath, guest.id)).filter((name) => name.startsWith('disk.extra'))).toEqual([])
  })
})
