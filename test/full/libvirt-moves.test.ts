/** A guest that runs a system moves between two libvirt hosts: it keeps answering, and what it wrote stays, whatever happens meanwhile. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { GuestSpec, LiveOrder, LiveProgress } from '../../src/drivers/driver.ts'
import { aNic } from '../support/a-guest.ts'
import { diskGuest, loginPrompt } from '../support/bootable-guest.ts'
import { eventually } from '../support/eventually.ts'
import { libvirtPair, restartLibvirtd, sharedPath } from '../support/libvirt-pair.ts'
import { type Rig, startRig } from '../support/rig/rig.ts'
import { rigObstacle } from '../support/rig/rig-obstacle.ts'
import { typeLine } from '../support/serial-console.ts'

const obstacle = rigObstacle('libvirt')
const plain: LiveOrder = {
  transport: 'tunnel',
  storage: 'copy',
  maxDowntimeMs: null,
  bandwidth: null,
  autoConverge: false,
  postCopy: false,
}
const slowly: LiveOrder = { ...plain, bandwidth: 4 }
type Pair = ReturnType<typeof libvirtPair>
type Side = 'here' | 'there'

describe.skipIf(obstacle !== undefined)(
  `a guest of libvirt on the move${obstacle === undefined ? '' : ` (skipped: ${obstacle})`}`,
  () => {
    let rig: Rig
    let pair: Pair
    let guest: GuestSpec

    const powerState = async (side: Side, { id } = guest) => (await pair[side]().inspect(id))?.powerState
    const type = async (side: Side, line: string, answer: string, { id } = guest) => {
      const console = await pair.contexts[side].host.connect(await pair[side]().consoleSocket(id))
      try {
        return await typeLine(console, line, answer, 60_000)
      } catch (error) {
        throw new Error(`${await pair[side]().consoleLog(id, 2000)}`, { cause: error })
      } finally {
        console.destroy()
      }
    }
    /** In the memory of a shell, and on the disk past what the image has. */
    const remember = (side: Side, word: string, spec = guest) =>
      type(
        side,
        `kept=${word}; echo disk-${word} | dd of=/dev/vda bs=1M seek=48 conv=fsync 2>/dev/null; echo "<$kept>"`,
        `<${word}>`,
        spec,
      )
    const recall = async (side: Side, word: string, spec = guest) => {
      await type(side, 'echo "<$kept again>"', `<${word} again>`, spec)
      await type(
        side,
        'echo 3 >/proc/sys/vm/drop_caches; dd if=/dev/vda bs=1M skip=48 count=1 2>/dev/null | head -n 1',
        `disk-${word}`,
        spec,
      )
    }
    const move = async (order: LiveOrder, report: (progress: LiveProgress) => void = () => {}, spec = guest) => {
      await pair.there().makeRoom(spec, order)
      return pair.here().moveLive(spec.id, pair.place, spec, order, report)
    }
    /** As it was when the suite began: it runs here, and the other host has nothing of it. */
    const goHome = async () => {
      if ((await powerState('there')) !== 'running') return
      const back = { host: pair.contexts.here.host, instancesPath: pair.contexts.here.instancesPath }
      await pair.here().leave(guest.id, 'copy')
      await pair.here().makeRoom(guest, plain)
      await pair.there().moveLive(guest.id, back, guest, plain, () => {})
      await pair.there().leave(guest.id, 'copy')
    }
    const boot = async (from: Pair, mac: string) => {
      const spec = await diskGuest(from.here(), { nics: [aNic({ kind: 'bridge', source: 'br-ex', mac })] })
      await diskGuest(from.there())
      await from.here().createDisks(spec)
      await from.here().spawn(spec)
      await loginPrompt(from.here(), spec.id)
      return spec
    }
    beforeAll(async () => {
      rig = await startRig(2, 'libvirt')
      pair = libvirtPair(rig)
      guest = await boot(pair, 'fa:16:3e:00:00:07')
    })
    beforeEach(async () => {
      pair = libvirtPair(rig)
      await goHome()
    })
    afterEach(() => pair?.close())
    afterAll(() => rig?.down())

    it('keeps answering while its memory and its disk travel', async () => {
      await remember('here', 'first')
      await type('here', 'ip link set eth0 up; ip addr add 10.99.0.7/24 dev eth0; echo "<up>"', '<up>')
      rig.host(1).enter('ip', 'addr', 'replace', '10.99.0.1/24', 'dev', 'br-ex')
      const answers: boolean[] = []
      let isMoving = true
      const asking = (async () => {
        while (isMoving) {
          // A guest that is there refuses at once: nothing listens on that port.
          const argv = ['timeout', '5', 'bash', '-c', ': </dev/tcp/10.99.0.7/9']
          const asked = await pair.contexts.here.host.run(argv, { okExitCodes: [1, 124] })
          answers.push(asked.stderr.includes('refused'))
        }
      })()
      const result = await move(slowly).finally(() => {
        isMoving = false
      })
      await asking
      expect(answers.filter((answered) => !answered).length).toBeLessThanOrEqual(2)
      expect(answers.length).toBeGreaterThan(10)
      // Not in milliseconds: an emulated guest stands still for as long as the machine has others to serve.
      expect(result.downtimeMs).toBeLessThan((result.totalMs ?? 0) / 5)
      await pair.here().leave(guest.id, 'copy')
      expect(pair.virsh(1, 'list', '--all', '--name').trim()).toBe('')
      await recall('there', 'first')
      expect(await pair.there().consoleLog(guest.id, 256 * 1024)).toContain(' login:')
    })

    it('has the machine, the definition and the console that it had', async () => {
      // libvirt numbers its controllers anew, and leaves blanks in what it does not understand as they come.
      const definition = (number: number) =>
        pair
          .virsh(number, 'dumpxml', guest.id, '--inactive')
          .split('\n')
          .map((line) => line.trim())
          .sort()
      const before = definition(1)
      await move(plain)
      expect(definition(2)).toEqual(before)
      await pair.here().leave(guest.id, 'copy')
      await pair.there().reboot(guest.id, { kind: 'hard', timeoutMs: 0 })
      expect(definition(2)).toEqual(before)
      await loginPrompt(pair.there(), guest.id, 2)
    })

    it('stays where it is when the move is aborted', async () => {
      await remember('here', 'aborted')
      let aborted: Promise<void> | undefined
      const moving = move({ ...plain, bandwidth: 1 }, () => {
        aborted ??= pair.here().abortLive(guest.id)
      })
      await expect(moving).rejects.toMatchObject({ kind: 'conflict', message: expect.stringContaining('aborted') })
      await aborted
      await pair.there().leave(guest.id, 'copy')
      expect(await pair.there().inspect(guest.id)).toBeUndefined()
      await recall('here', 'aborted')
    })

    it('moves when the controller that moved it is gone, by the next one', async () => {
      await remember('here', 'cut')
      const gone = pair
      const moving = move(slowly, () => void gone.close())
      await expect(moving).rejects.toThrow()
      pair = libvirtPair(rig)
      await move(plain)
      expect(await powerState('there')).toBe('running')
      expect(await powerState('here')).not.toBe('running')
      await recall('there', 'cut')
    })

    it.each([1, 2])(
      'runs on one host alone when libvirtd of host %i is restarted in the middle, and moves then',
      async (number) => {
        await remember('here', `restart-${number}`)
        let restarted: Promise<void> | undefined
        const moving = move(slowly, () => {
          restarted ??= restartLibvirtd(rig, number)
        })
        await expect(moving).rejects.toThrow()
        await restarted
        expect(await powerState('here')).toBe('running')
        expect(await powerState('there')).not.toBe('running')
        await move(plain)
        await recall('there', `restart-${number}`)
        expect(await powerState('here')).not.toBe('running')
      },
    )

    it('stays when the destination loses its power, and moves when that is back', async () => {
      await remember('here', 'power')
      let crashed: Promise<void> | undefined
      const moving = move(slowly, () => {
        crashed ??= rig.host(2).crash()
      })
      await expect(moving).rejects.toThrow()
      await crashed
      await eventually('the guest runs', async () => (await powerState('here')) === 'running')
      await recall('here', 'power')
      await rig.host(2).start()
      await pair.close()
      pair = libvirtPair(rig)
      await move(plain)
      await recall('there', 'power')
    })

    it('ends a move that never would by post-copy', async () => {
      await remember('here', 'post-copy')
      const seen = new Set<string>()
      let forced: Promise<void> | undefined
      await move({ ...plain, bandwidth: 8, postCopy: true }, ({ phase, memory }) => {
        seen.add(phase)
        if (memory.total > 0) forced ??= pair.here().forceLive(guest.id)
      })
      await forced
      await recall('there', 'post-copy')
    })

    it('moves within storage that both hosts share, there and back', async () => {
      const shared = libvirtPair(rig, sharedPath)
      const own = pair
      pair = shared
      const spec = await boot(shared, 'fa:16:3e:00:00:08')
      const order: LiveOrder = { ...plain, storage: 'shared' }
      expect(await shared.here().sharesWith(spec.id, shared.place)).toBe(true)
      await remember('here', 'shared', spec)
      await move(order, () => {}, spec)
      await shared.here().leave(spec.id, 'shared')
      await recall('there', 'shared', spec)
      const back = { host: shared.contexts.here.host, instancesPath: sharedPath }
      await shared.there().moveLive(spec.id, back, spec, order, () => {})
      await shared.there().leave(spec.id, 'shared')
      await recall('here', 'shared', spec)
      await shared.here().destroy(spec.id)
      await own.close()
    })

    it('is resized onto the other host and back, with what it wrote', async () => {
      await remember('here', 'cold')
      const larger = { ...guest, ram: 192, disks: guest.disks.map((disk) => ({ ...disk, bytes: disk.bytes * 2 })) }
      await pair.here().stop(guest.id, { timeoutMs: 60_000 })
      await pair.here().setAside(guest.id)
      await pair.here().sendDisks(guest.id, pair.place, larger)
      await pair.there().adopt(larger)
      await pair.there().start(guest.id)
      await loginPrompt(pair.there(), guest.id)
      await type('there', 'dd if=/dev/vda bs=1M skip=48 count=1 2>/dev/null | head -n 1', 'disk-cold')
      await type('there', 'cat /sys/block/vda/size', String((128 * 1024 ** 2) / 512))
      await pair.there().destroy(guest.id)
      await pair.here().takeBack(guest.id)
      await pair.here().start(guest.id)
      await eventually('the guest answers', async () => type('here', 'echo "<back>"', '<back>'))
      await type('here', 'dd if=/dev/vda bs=1M skip=48 count=1 2>/dev/null | head -n 1', 'disk-cold')
      expect(await pair.there().inspect(guest.id)).toBeUndefined()
    })
  },
)
