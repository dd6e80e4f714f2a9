/** One guest on three libvirt hosts behind ssh: every move by the command line. Hosts 2 and 3 share the directory of theirs. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { count, countingGuest } from '../support/counting-guest.ts'
import { foreignDomainXml } from '../support/foreign-domain.ts'
import { guestImage } from '../support/guest-image.ts'
import { sharedPath } from '../support/libvirt-pair.ts'
import { rigObstacle } from '../support/rig/rig-obstacle.ts'
import { type RigFleet, rigFleet } from '../support/rig-fleet.ts'

const obstacle = rigObstacle('libvirt')
const suite = `a fleet of three libvirt hosts${obstacle === undefined ? '' : ` (skipped: ${obstacle})`}`
const evidence = ['--i-checked-it-is-off', 'ada: the plug is in my hand']

describe.skipIf(obstacle !== undefined)(suite, () => {
  let fleet: RigFleet
  const names = () => fleet.rig.hosts.map(({ name }) => name)
  const nameOf = (number: number) => fleet.rig.host(number).name
  const place = async () => names().indexOf((await fleet.server('web')).host) + 1

  const { keepsCounting, write, reads } = countingGuest(() => fleet)
  /** One domain in the whole fleet, on the host that the record names, and nothing that the doctor would say. */
  const isWhole = async (status = 'ACTIVE') => {
    const server = await fleet.server('web')
    expect(server).toMatchObject({ status, taskState: null })
    expect(fleet.domains().map((found) => found.length)).toEqual(names().map((name) => (name === server.host ? 1 : 0)))
    expect(await fleet.rows('doctor')).toEqual([])
  }

  beforeAll(async () => {
    fleet = await rigFleet(3, [undefined, sharedPath, sharedPath])
    await fleet.out('image', 'create', 'tiny', '--file', (await guestImage()).disk, '--disk-format', 'qcow2')
    await fleet.out('flavor', 'create', 'small', '--ram', '128', '--vcpus', '1', '--disk', '1')
    await fleet.out('flavor', 'create', 'large', '--ram', '192', '--vcpus', '1', '--disk', '2')
    const boot = `boot web --image tiny --flavor small --nic bridge=br-ex --availability-zone :${nameOf(1)}`
    await fleet.out(...boot.split(' '))
    await fleet.prompt('web')
    await write('first')
    await fleet.type('web', count, 'tick 3')
  }, 600_000)
  afterAll(() => fleet?.remove())

  it('moves live with its disk to another host, and within the directory that two hosts share', async () => {
    await fleet.out('live-migration', 'web', nameOf(2))
    expect(await place()).toBe(2)
    await keepsCounting()
    await isWhole()
    await fleet.out('live-migration', 'web', nameOf(3), '--shared')
    expect(await place()).toBe(3)
    await keepsCounting()
    await isWhole()
    await reads('first')
  })

  it('gets and loses an interface on a bridge of its host while it counts', async () => {
    const { mac } = await fleet.json('interface-attach', 'web', '--nic', 'bridge=br-ex')
    await fleet.type('web', 'cat /sys/class/net/e*/address', String(mac))
    await isWhole()
    await fleet.out('interface-detach', 'web', String(mac))
    expect(await fleet.rows('interface-list', 'web')).toHaveLength(1)
    await keepsCounting()
    await isWhole()
  })

  it('counts on after a suspend and after a pause', async () => {
    for (const [stop, go, status] of [
      ['suspend', 'resume', 'SUSPENDED'],
      ['pause', 'unpause', 'PAUSED'],
    ] as const) {
      await fleet.out(stop, 'web')
      await isWhole(status)
      await fleet.out(go, 'web')
      await keepsCounting()
      await isWhole()
    }
  })

  it('counts on while an image of it is made, from which another server boots with what it wrote', async () => {
    await fleet.out('image-create', 'web', 'golden')
    await keepsCounting()
    await fleet.out('boot', 'copy', '--image', 'golden', '--flavor', 'small', '--availability-zone', `:${nameOf(1)}`)
    expect(await fleet.rows('doctor')).toEqual([])
    const { id } = await fleet.server('copy')
    const disk = `${fleet.rig.host(1).instancesPath}/${id}/disk`
    const read = `qemu-img dd -U -f qcow2 -O raw bs=1M skip=900 count=901 if=${disk} of=/tmp/copied 2>/dev/null; head -n 1 /tmp/copied; rm -f /tmp/copied`
    expect(fleet.rig.host(1).enter('sh', '-c', read)).toContain('first')
    await fleet.out('delete', 'copy', '--yes')
    await isWhole()
  })

  it('is rescued, with its own disk as the second one', async () => {
    await fleet.out('rescue', 'web', '--image', 'tiny')
    await fleet.prompt('web')
    await reads('first', 'vdb')
    await isWhole('RESCUE')
    await fleet.out('unrescue', 'web')
    await isWhole()
  })

  it('is resized to another host and taken back, then resized and kept', async () => {
    const seen = await fleet.prompt('web')
    await fleet.out('migrate', 'web', '--host', nameOf(2))
    await isWhole('VERIFY_RESIZE')
    await fleet.out('resize-revert', 'web')
    expect(await place()).toBe(3)
    await fleet.prompt('web', seen)
    await isWhole()
    await fleet.out('live-migration', 'web', nameOf(1))
    await isWhole()
    const before = await place()
    await fleet.out('resize', 'web', 'large')
    expect(await fleet.server('web')).toMatchObject({ status: 'VERIFY_RESIZE' })
    expect(await fleet.rows('doctor')).toEqual([])
    await fleet.out('resize-revert', 'web')
    expect(await place()).toBe(before)
    await isWhole()
    await fleet.out('resize', 'web', 'large')
    await fleet.prompt('web')
    await fleet.out('resize-confirm', 'web')
    await fleet.type('web', 'cat /sys/block/vda/size', String((2 * 1024 ** 3) / 512))
    await reads('first')
    await isWhole()
  })

  it('is migrated cold and kept there', async () => {
    await fleet.out('migrate', 'web', '--host', nameOf(1))
    await fleet.out('resize-confirm', 'web')
    expect(await place()).toBe(1)
    await isWhole()
  })

  it('goes onto a shelf, where no host has anything of it, and comes back', async () => {
    await fleet.out('shelve', 'web')
    expect(fleet.domains()).toEqual([[], [], []])
    expect(await fleet.rows('doctor')).toEqual([])
    await fleet.out('unshelve', 'web')
    await fleet.prompt('web')
    await reads('first')
    await isWhole()
  })

  it('is rebuilt with an empty disk', async () => {
    await fleet.out('rebuild', 'web', 'tiny', '--yes')
    await fleet.prompt('web')
    await fleet.type('web', 'echo "<$(dd if=/dev/vda bs=1M skip=900 count=1 2>/dev/null | tr -d \'\\0\')>"', '<>')
    await fleet.type('web', count, 'tick 3')
    await isWhole()
  })

  it('leaves a host that is drained, and counts on elsewhere', async () => {
    const { host } = await fleet.server('web')
    expect(await fleet.rows('host', 'drain', host)).toMatchObject([{ server: 'web', result: 'moved', how: 'live', from: host }])
    await keepsCounting()
    await isWhole()
    await fleet.out('host', 'undrain', host)
  })

  it('is one of two that a rebalance parts', async () => {
    const { host } = await fleet.server('web')
    for (const name of names()) {
      const { memoryMb } = await fleet.json('host', 'show', name)
      await fleet.out('host', 'set', name, '--reserved-memory-mb', String(Number(memoryMb) - 1024))
    }
    await fleet.out('boot', 'idle', '--flavor', 'large', '--image', 'tiny', '--nic', 'none', '--availability-zone', `:${host}`)
    const moved = await fleet.rows('rebalance', '--tolerance', '0.05', '--yes')
    expect(moved).toMatchObject([{ result: 'moved', how: 'live', from: host }])
    expect((await fleet.server('web')).host).not.toBe((await fleet.server('idle')).host)
    expect(await fleet.rows('doctor')).toEqual([])
    await fleet.out('delete', 'idle', '--yes')
    await keepsCounting()
  })

  it('shares its host with a domain of somebody else, which is adopted and let go', async () => {
    const host = fleet.rig.host(1)
    const id = 'aaaaaaaa-2222-4333-8444-555555555555'
    for (const disk of ['old', 'old-extra']) host.enter('truncate', '-s', '1M', join(host.directory, `${disk}.img`))
    const xml = foreignDomainXml({ id, name: 'old', directory: host.directory }).replace('br-test', 'br-ex')
    writeFileSync(join(host.directory, 'old.xml'), xml)
    fleet.virsh(host, 'define', join(host.directory, 'old.xml'))
    fleet.virsh(host, 'start', id)
    const before = fleet.virsh(host, 'dumpxml', id)
    await fleet.out('import', 'adopt', host.name, 'old')
    expect(await fleet.rows('doctor')).toEqual([])
    await fleet.out('import', 'release', 'old')
    expect(fleet.virsh(host, 'dumpxml', id)).toBe(before)
    fleet.virsh(host, 'destroy', id)
    fleet.virsh(host, 'undefine', id)
    expect(await fleet.rows('doctor')).toEqual([])
  })

  describe('when its host loses its power', () => {
    let dead: number
    beforeAll(async () => {
      if ((await place()) !== 1) await fleet.out('live-migration', 'web', nameOf(1))
      dead = await place()
      await fleet.rig.host(dead).crash()
    })

    it('is listed at once, and the others are refreshed in time', async () => {
      const began = performance.now()
      expect(await fleet.rows('list')).toMatchObject([{ name: 'web' }])
      expect(performance.now() - began).toBeLessThan(9000)
      const refreshed = await fleet.rows('host', 'refresh')
      expect(performance.now() - began).toBeLessThan(45_000)
      expect(refreshed.map(({ name, state }) => [name, state])).toEqual(
        names().map((name) => [name, name === nameOf(dead) ? 'down' : 'up']),
      )
    })

    it('is made anew elsewhere when somebody says how it is known to be off', async () => {
      expect((await fleet.run('evacuate', 'web', '--yes')).code).toBe(2)
      await fleet.out('evacuate', 'web', ...evidence, '--yes')
      expect(await place()).not.toBe(dead)
      expect(await fleet.out('server', 'events', 'web', '--json')).toContain('the plug is in my hand')
      await fleet.prompt('web')
    })

    it('has one copy when the dead host comes back', async () => {
      await fleet.rig.host(dead).start()
      await fleet.out('doctor', '--fix')
      await isWhole()
      await fleet.out('delete', 'web', '--yes')
      expect(fleet.domains()).toEqual([[], [], []])
      expect(await fleet.rows('doctor')).toEqual([])
    })
  })
})
