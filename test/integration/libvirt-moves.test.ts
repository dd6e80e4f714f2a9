/** Cold moves on a real libvirtd that belongs to this file alone. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { plainHardware } from '../../src/drivers/plain-hardware.ts'
import { movesContract } from '../contract/moves-contract.ts'
import { aDisk, aGuest } from '../support/a-guest.ts'
import { libvirtHost, libvirtObstacle } from '../support/libvirt-daemon.ts'

const obstacle = libvirtObstacle()
const isSkipped = obstacle !== undefined && process.env.CI !== 'true'
const guest = (id: string) => aGuest({ id, disks: [aDisk(), aDisk({ role: 'swap' })] })

describe.skipIf(isSkipped)(`libvirt${isSkipped ? ` (${obstacle})` : ''}`, () => {
  movesContract('libvirt', async () => {
    if (obstacle !== undefined) throw new Error(obstacle)
    const { driver, host, instancesPath, cleanup } = await libvirtHost()
    return { driver, place: { host, instancesPath }, guest, cleanup }
  })

  describe('a definition that libvirt forgets for a while', () => {
    let lab: Awaited<ReturnType<typeof libvirtHost>>
    const stopped = async (id: string, changes: Parameters<typeof aGuest>[0] = {}) => {
      const spec = { ...guest(id), ...changes }
      await lab.driver().createDisks(spec)
      await lab.driver().spawn(spec)
      await lab.driver().stop(id, { timeoutMs: 0 })
      return spec
    }
    const dumped = async (id: string) => (await lab.virsh('dumpxml', id, '--inactive')).stdout
    const pins = async (id: string) => [...(await dumped(id)).matchAll(/<vcpupin vcpu='0' cpuset='(\d+)'/g)].map(([, cpu]) => cpu)

    beforeAll(async () => {
      lab = await libvirtHost()
    })
    afterAll(() => lab?.cleanup())

    it('comes back with what was changed in it since the first boot', async () => {
      const { id } = await stopped('00000000-0000-4000-9000-000000000101')
      await lab.virsh('desc', id, '--config', 'changed by hand')
      const before = await dumped(id)
      await lab.driver().setAside(id)
      expect((await lab.virsh('list', '--all', '--uuid')).stdout).not.toContain(id)
      await lab.driver().takeBack(id)
      expect(await dumped(id)).toBe(before)
      await lab.driver().destroy(id)
    })

    it('keeps the machine of the first boot where the guest moved to', async () => {
      const spec = await stopped('00000000-0000-4000-9000-000000000102')
      const file = `${lab.instancesPath}/${spec.id}/guest.json`
      const record = JSON.parse((await lab.host.readFile(file))?.toString('utf8') ?? '{}')
      await lab.host.writeFile(file, JSON.stringify({ ...record, machineType: 'pc-i440fx-6.2' }))
      await lab.driver().setAside(spec.id)
      await lab.driver().sendDisks(spec.id, { host: lab.host, instancesPath: lab.instancesPath }, spec)
      await lab.driver().adopt(spec)
      expect(await dumped(spec.id)).toContain("machine='pc-i440fx-6.2'")
      await lab.driver().dropAside(spec.id)
      await lab.driver().destroy(spec.id)
    })

    it('holds the host CPUs of a pinned guest until the old copy is dropped', async () => {
      const hardware = { ...plainHardware, pinned: true }
      const { id } = await stopped('00000000-0000-4000-9000-000000000103', { hardware })
      const own = await pins(id)
      expect(own).toHaveLength(1)
      await lab.driver().setAside(id)
      const reserved = () => lab.host.readdir(`${lab.instancesPath}/.cpus`)
      expect(await reserved()).toEqual(own)
      await lab.driver().takeBack(id)
      expect(await pins(id)).toEqual(own)
      await lab.driver().setAside(id)
      await lab.driver().dropAside(id)
      expect(await reserved()).toEqual([])
    })

    it('puts no suspended guest aside', async () => {
      const { id } = await stopped('00000000-0000-4000-9000-000000000104')
      await lab.driver().start(id)
      await lab.driver().suspend(id)
      await expect(lab.driver().setAside(id)).rejects.toMatchObject({ kind: 'conflict' })
      expect((await lab.driver().inspect(id))?.powerState).toBe('suspended')
      await lab.driver().destroy(id)
    })
  })
})
