/** Live moves as far as they are pure: what virsh is told, what the destination's definition says, what cut moves mean. */
import { describe, expect, it } from 'vitest'
import type { LiveOrder } from '../../../../src/drivers/driver.ts'
import type { DriverContext } from '../../../../src/drivers/driver-context.ts'
import { migrateCommand } from '../../../../src/drivers/libvirt/live-command.ts'
import { disksToCopy, relocated, serialSocket } from '../../../../src/drivers/libvirt/live-definition.ts'
import { guestUser, liveFiles } from '../../../../src/drivers/libvirt/live-files.ts'
import { jobFields, onward, progressOf, resultOf } from '../../../../src/drivers/libvirt/live-progress.ts'
import { decide, settle } from '../../../../src/drivers/libvirt/live-sides.ts'
import type { Domain } from '../../../../src/drivers/libvirt/look.ts'
import { parseXml } from '../../../../src/drivers/libvirt/parse-xml.ts'
import { virshArgv } from '../../../../src/drivers/libvirt/virsh.ts'
import { xmlText } from '../../../../src/drivers/libvirt/xml.ts'
import { scriptedHost } from '../../../../src/hosts/scripted.ts'
import { systemRandom } from '../../../../src/system/random.ts'
import { aGuest, aNic } from '../../../support/a-guest.ts'
import { expectGolden } from '../../../support/golden.ts'
import { realTime } from '../../../support/host-directory.ts'
import { runningDomain } from '../../../support/running-domain.ts'

const id = '11111111-2222-4333-8444-555555555555'
const files = liveFiles(id)
const plain: LiveOrder = {
  transport: 'tunnel',
  storage: 'copy',
  maxDowntimeMs: null,
  bandwidth: null,
  autoConverge: false,
  postCopy: false,
}

describe('the command of a live move', () => {
  const orders: [string, Partial<LiveOrder>, string | undefined][] = [
    ['copy', {}, undefined],
    ['shared', { storage: 'shared' }, undefined],
    ['tls', { transport: 'tls' }, '10.0.0.2'],
    ['tcp-shared', { transport: 'tcp', storage: 'shared' }, 'hv2.example.org'],
    ['limits', { bandwidth: 64, autoConverge: true, postCopy: true, maxDowntimeMs: 100 }, undefined],
  ]
  it.each(orders)('%s', (name, change, address) => {
    const order = { ...plain, ...change }
    const disks = order.storage === 'copy' ? ['vda', 'vdb'] : []
    expectGolden(`libvirt/migrate-${name}.txt`, `${virshArgv(migrateCommand(id, order, files, { disks, address })).join('\n')}\n`)
  })

  it('never goes in clear unless that was asked for', () => {
    for (const transport of ['tunnel', 'tls'] as const) {
      const words = migrateCommand(id, { ...plain, transport }, files, { disks: ['vda'], address: '10.0.0.2' }).join(' ')
      expect(words.includes('tcp://')).toBe(transport === 'tls')
      expect(words.includes('--tls')).toBe(transport === 'tls')
    }
  })

  it('has sockets that the kernel and sshd have room for', () => {
    for (const path of [files.control, files.memory, files.disks]) expect(Buffer.byteLength(path)).toBeLessThanOrEqual(100)
  })
})

describe('the definition for the destination', () => {
  const domain = parseXml(runningDomain)
  const spec = aGuest({ nics: [aNic({ kind: 'bridge', source: 'br-there', mac: 'fa:16:3e:00:00:77' })] })
  const there = relocated(domain, { from: '/var/lib/nova', to: '/srv/nova', spec, serial: `/srv/nova/${id}/live.sock` })

  it('has the paths, the bridge, the listener and the socket of that host', () => {
    expectGolden('libvirt/live-there.xml', xmlText(there))
  })

  it('changes nothing between hosts that are alike', () => {
    const same = relocated(domain, { from: '/var/lib/nova', to: '/var/lib/nova', spec: aGuest(), serial: null })
    expect(xmlText(same)).toBe(xmlText(domain).replaceAll('10.0.0.1', '127.0.0.1'))
  })

  it('copies files of the guest that it writes to, and nothing that others have', () => {
    expect(disksToCopy(domain, `/var/lib/nova/${id}`, 'copy')).toEqual(['vda'])
    expect(disksToCopy(domain, `/var/lib/nova/${id}`, 'shared')).toEqual([])
  })

  it('tells where the console is', () => expect(serialSocket(there)).toBe(`/srv/nova/${id}/live.sock`))
})

describe('a move that was cut', () => {
  const domain = (state: number, reason: number, isTransient = false): Domain => ({
    id,
    name: `nova-${id}`,
    state,
    reason,
    isSaved: false,
    isTransient,
  })
  const [runs, paused, off, letGo] = [domain(1, 1), domain(3, 1), domain(5, 1), domain(3, 2)]
  const [waits, postCopy, broken] = [domain(3, 2, true), domain(3, 12), domain(3, 13)]
  it.each([
    ['here', runs, undefined],
    ['here', runs, off],
    ['here', paused, undefined],
    ['here-alone', runs, waits],
    ['here-alone', paused, waits],
    ['go-on-here', letGo, waits],
    ['go-on-here', letGo, undefined],
    ['there', undefined, runs],
    ['there', off, runs],
    ['there', off, paused],
    ['there', letGo, runs],
    ['arrived-or-lost', off, waits],
    ['arrived-or-lost', undefined, waits],
    ['post-copy', postCopy, domain(1, 11, true)],
    ['post-copy', broken, domain(3, 13, true)],
    ['both', runs, runs],
    ['both', paused, runs],
    ['nowhere', off, undefined],
    ['nowhere', undefined, undefined],
    ['nowhere', off, off],
  ])('is %s', (decision, here, there) => expect(decide(here, there)).toBe(decision))

  it('tells an operator of a guest that libvirtd ended where its disks are', async () => {
    const side = async (name: string): Promise<DriverContext> => ({
      host: await scriptedHost({ name }),
      instancesPath: '/srv/nova',
      clock: realTime,
      random: systemRandom,
      virtType: 'qemu',
    })
    const sides = { here: await side('hv1'), there: await side('hv2') }
    await expect(settle(sides, id, [domain(5, 8), undefined])).rejects.toMatchObject({
      kind: 'conflict',
      message: expect.stringContaining('runs on neither host: libvirtd ended it when it came back'),
      hint: 'start the server: its disks are on host hv1, what it had in memory is lost',
    })
  })
})

describe('the progress of a live move', () => {
  const job = (fields: Readonly<Record<string, number>>) =>
    `Job type: 2\n\n${Object.entries(fields)
      .map(([key, value]) => `${key}: ${value}`)
      .join('\n')}\n`
  const fieldsOf = (fields: Readonly<Record<string, number>>) => jobFields(job(fields)) ?? new Map<string, string>()
  const disks = progressOf(fieldsOf({ disk_total: 10, disk_remaining: 4, memory_total: 0 }), undefined)

  it('is none when no job runs', () => expect(jobFields('Job type: 0\n')).toBeUndefined())

  it('goes from disks to memory and forgets no disk on the way', () => {
    expect(disks).toMatchObject({ phase: 'disks', disks: { total: 10, remaining: 4 } })
    const memory = onward(disks, progressOf(fieldsOf({ disk_total: 0, memory_total: 100, memory_remaining: 60 }), undefined))
    expect(memory).toEqual({ phase: 'memory', disks: { total: 10, remaining: 0 }, memory: { total: 100, remaining: 60 } })
    expect(onward(memory, disks).phase).toBe('memory')
  })

  it('reads the end, and says nothing of what libvirt does not say', () => {
    const text = 'Job type: 3\n\noperation: 4\ntime_elapsed: 900\ndowntime: 40\nmemory_processed: 77\n'
    expect(resultOf(text, 5)).toEqual({ totalMs: 900, downtimeMs: 40, memoryBytes: 77, diskBytes: 5 })
    expect(resultOf('', null)).toEqual({ totalMs: null, downtimeMs: null, memoryBytes: null, diskBytes: null })
  })
})

it('knows as whom libvirt runs guests', () => {
  const label = "<baselabel type='qemu'>+64055:+109</baselabel>"
  const models = `<secmodel><model>apparmor</model></secmodel><secmodel><model>dac</model>${label}</secmodel>`
  expect(guestUser(`<capabilities><host>${models}</host></capabilities>`)).toBe('64055:109')
  expect(guestUser('<capabilities><host/></capabilities>')).toBe('0:0')
})
