/** One guest of plain qemu on two hosts that see one directory: every move by the command line, live and while stopped. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { count, countingGuest } from '../support/counting-guest.ts'
import { guestImage } from '../support/guest-image.ts'
import { sharedPath } from '../support/libvirt-pair.ts'
import { rigObstacle } from '../support/rig/rig-obstacle.ts'
import { type RigFleet, rigFleet } from '../support/rig-fleet.ts'

const obstacle = rigObstacle()
const suite = `qemu hosts with one directory${obstacle === undefined ? '' : ` (skipped: ${obstacle})`}`

describe.skipIf(obstacle !== undefined)(suite, { timeout: 600_000 }, () => {
  let fleet: RigFleet
  const nameOf = (number: number) => fleet.rig.host(number).name
  const { keepsCounting, write, reads } = countingGuest(() => fleet)
  /** One process in the whole fleet, on the host that the record names, and nothing that the doctor would say. */
  const isAt = async (number: number, status = 'ACTIVE') => {
    const server = await fleet.server('web')
    expect(server).toMatchObject({ status, taskState: null, host: nameOf(number) })
    expect(fleet.running()).toEqual([1, 2].map((one) => (one === number ? [server.id] : [])))
    expect(await fleet.rows('doctor')).toEqual([])
  }

  beforeAll(async () => {
    fleet = await rigFleet(2, [sharedPath, sharedPath], 'qemu')
    await fleet.out('image', 'create', 'tiny', '--file', (await guestImage()).disk, '--disk-format', 'qcow2')
    await fleet.out('flavor', 'create', 'small', '--ram', '128', '--vcpus', '1', '--disk', '1')
    await fleet.out('flavor', 'create', 'large', '--ram', '192', '--vcpus', '1', '--disk', '2')
    await fleet.out('boot', 'web', '--image', 'tiny', '--flavor', 'small', '--availability-zone', `:${nameOf(1)}`)
    await fleet.prompt('web')
    await write('first')
    await fleet.type('web', count, 'tick 3')
  }, 600_000)
  afterAll(() => fleet?.remove())

  it('moves live to the other host and back, counting', async () => {
    const plan = await fleet.out('live-migration', 'web', nameOf(2), '--plan')
    expect(plan).not.toContain('disk.new')
    await fleet.out('live-migration', 'web', nameOf(2), '--shared')
    await isAt(2)
    await keepsCounting()
    await fleet.out('live-migration', 'web', nameOf(1))
    await isAt(1)
    await keepsCounting()
    await fleet.out('live-migration', 'web', nameOf(2))
    await isAt(2)
    await keepsCounting()
    await reads('first')
  })

  it('obeys where it has come to: paused, suspended, with a new disk', async () => {
    await fleet.out('pause', 'web')
    await isAt(2, 'PAUSED')
    await fleet.out('unpause', 'web')
    await fleet.out('server', 'add-disk', 'web', '--size', '1', '--name', 'data')
    await fleet.out('suspend', 'web')
    expect(fleet.running()).toEqual([[], []])
    await fleet.out('resume', 'web')
    await keepsCounting()
    await fleet.out('server', 'remove-disk', 'web', 'data')
    await isAt(2)
    await keepsCounting()
  })

  it('moves while stopped, and what it writes there is gone when it is taken back', async () => {
    const seen = await fleet.prompt('web', 0)
    await fleet.out('resize', 'web', 'large')
    await isAt(1, 'VERIFY_RESIZE')
    await fleet.prompt('web')
    await reads('first')
    await write('never')
    await fleet.out('resize-revert', 'web', '--yes')
    await isAt(2)
    await fleet.prompt('web', seen)
    await reads('first')
  })

  it('stays where a move brought it once that is confirmed', async () => {
    await fleet.out('resize', 'web', 'large')
    const { id } = await fleet.server('web')
    await fleet.out('resize-confirm', 'web')
    await isAt(1)
    expect(existsSync(join(fleet.rig.directory, 'shared/instances', `${id}_resize`))).toBe(false)
    await fleet.prompt('web')
    await reads('first')
    await fleet.out('live-migration', 'web', nameOf(2))
    await isAt(2)
    await reads('first')
  })

  it('leaves nothing in the directory when it is deleted', async () => {
    const { id } = await fleet.server('web')
    await fleet.out('delete', 'web', '--yes')
    expect(fleet.running()).toEqual([[], []])
    const shared = join(fleet.rig.directory, 'shared/instances')
    expect([existsSync(join(shared, id)), existsSync(join(shared, `${id}_resize`))]).toEqual([false, false])
    expect(await fleet.rows('doctor')).toEqual([])
  })
})
