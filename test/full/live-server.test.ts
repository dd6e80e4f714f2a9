/** A running server moves between two hosts reached by ssh, through the command line, and keeps counting at its console. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type CliResult, nova, novaJson, spawnNova } from '../support/cli.ts'
import { eventually } from '../support/eventually.ts'
import { guestImage } from '../support/guest-image.ts'
import { type Rig, startRig } from '../support/rig/rig.ts'
import { rigObstacle } from '../support/rig/rig-obstacle.ts'
import { rigSshHost } from '../support/rig/rig-ssh.ts'
import { typeLine } from '../support/serial-console.ts'

const kinds = [
  { driver: 'qemu', rigKind: 'plain', words: [] },
  { driver: 'libvirt', rigKind: 'libvirt', words: ['--virt-type', 'qemu'] },
] as const
const bootMs = 280_000
const count =
  '(n=0; while :; do n=$((n+1)); echo tick $n; echo $n | dd of=/dev/vda seek=900 bs=1M conv=notrunc 2>/dev/null; sleep 0.2; done) &'

for (const { driver, rigKind, words } of kinds) {
  const obstacle = rigObstacle(rigKind)
  const suite = `nova live-migration over ssh, ${driver}${obstacle === undefined ? '' : ` (skipped: ${obstacle})`}`
  describe.skipIf(obstacle !== undefined)(suite, { timeout: 600_000 }, () => {
    const state = mkdtempSync(join(tmpdir(), 'nk-'))
    let rig: Rig
    const run = (...args: string[]): Promise<CliResult> => nova(args, { state, timeoutMs: 300_000 })
    const json = async (...args: string[]) => Object(await novaJson(args, { state, timeoutMs: 300_000 }))
    const newest = async () => (await json('migration', 'list', '--server', 'web'))[0]
    const isUnderWay = async () => {
      const migration = await newest()
      return migration?.status === 'running' && migration.progress !== null
    }
    const place = async () => (await json('show', 'web')) as { id: string; host: string; status: string }
    const hostNamed = (name: string) => {
      const found = [1, 2].map((number) => rig.host(number)).find((host) => host.name === name)
      if (!found) throw new Error(`no host ${name}`)
      return found
    }
    const other = (name: string) => [1, 2].map((number) => rig.host(number).name).find((one) => one !== name) ?? ''
    const counting = "pgrep -c -f '^[^ ]*qemu-system' || true"
    const qemus = () => [1, 2].map((number) => Number(rig.host(number).enter('sh', '-c', counting)))
    const ticks = async () => {
      const { stdout } = await run('console-log', 'web')
      return Math.max(0, ...[...stdout.matchAll(/tick (\d+)/g)].map(([, tick]) => Number(tick)))
    }
    const keepsCounting = async () => {
      const before = await ticks()
      await eventually('further ticks', async () => (await ticks()) > before + 2)
    }
    /** One process runs the guest, on the host that the record names; the other host holds nothing of it. */
    const expectOneCopy = async () => {
      const { id, host, status } = await place()
      expect(status).toBe('ACTIVE')
      expect(qemus()).toEqual([1, 2].map((number) => (rig.host(number).name === host ? 1 : 0)))
      const left = hostNamed(other(host)).enter('ls', hostNamed(other(host)).instancesPath)
      expect(left).not.toContain(id)
    }

    const type = async (line: string, answer: string) => {
      const host = rigSshHost(rig, hostNamed((await place()).host))
      const console = await host.connect(String((await json('console', 'web')).socket))
      await typeLine(console, line, answer, 60_000).finally(async () => {
        console.destroy()
        await host.close()
      })
    }

    beforeAll(async () => {
      rig = await startRig(2, rigKind)
      for (const number of [1, 2]) {
        const { name, address } = rig.host(number)
        const login = ['--identity', rig.identityFile, '--accept-new']
        await json('host', 'add', name, `root@${address}`, '--driver', driver, ...words, ...login)
      }
      await json('image', 'create', 'tiny', '--file', (await guestImage()).disk, '--disk-format', 'qcow2')
      await json('flavor', 'create', 'small', '--ram', '128', '--vcpus', '1', '--disk', '1')
      await json('boot', 'web', '--image', 'tiny', '--flavor', 'small', '--availability-zone', `:${rig.host(1).name}`)
      await eventually('the login prompt', async () => (await run('console-log', 'web')).stdout.includes('login:'), bootMs)
      await type('', '#')
      await type(count, 'tick 3')
    }, 300_000)
    afterAll(async () => {
      await run('delete', 'web', '--yes')
      await rig?.down()
      rmSync(state, { recursive: true, force: true })
    })

    it('moves the running server, which goes on counting', async () => {
      const from = (await place()).host
      const { code, stderr } = await run('live-migration', 'web', other(from))
      expect(stderr).toMatch(/memory of web: .*%/)
      expect(code, stderr).toBe(0)
      expect((await place()).host).toBe(other(from))
      expect(await newest()).toMatchObject({ status: 'completed', percent: 100, options: { storage: 'copy' }, reason: null })
      await keepsCounting()
      await expectOneCopy()
    })

    it('takes along a disk that it was given while it ran', async () => {
      const disks = async () => (await json('server', 'list-disks', 'web')) as { name: string; serial: string }[]
      const before = await disks()
      await json('server', 'add-disk', 'web', '--size', '1', '--name', 'data')
      const serial = (await disks()).find(({ name }) => name === 'data')?.serial ?? 'none'
      const device = `d=$(grep -l ${serial} /sys/block/*/serial | cut -d/ -f4)`
      await type(`while ${device}; [ -z "$d" ]; do sleep 1; done; echo "<$((6*7))>"`, '<42>')
      await type('echo extra | dd of=/dev/$d bs=1M seek=100 conv=fsync 2>/dev/null; echo "<$((6*8))>"', '<48>')
      const { code, stderr } = await run('live-migration', 'web')
      expect(code, stderr).toBe(0)
      await keepsCounting()
      await expectOneCopy()
      const look = 'dd if=/dev/$d bs=1M skip=100 count=1 2>/dev/null | head -n 1'
      await type(`echo 3 >/proc/sys/vm/drop_caches; echo "<$(${look})>"`, '<extra>')
      const removed = await run('server', 'remove-disk', 'web', 'data', '--yes')
      expect(removed.code, removed.stderr).toBe(0)
      expect(await disks()).toEqual(before)
    })

    it('is aborted by another process: the server goes on where it was', async () => {
      const { host } = await place()
      const moving = await spawnNova(['live-migration', 'web', '--bandwidth', '1'], { state, timeoutMs: 300_000 })
      await eventually('the move to be under way', isUnderWay)
      expect((await run('live-migration-abort', 'web')).code).toBe(0)
      const { code, stderr } = await moving.ended
      expect(stderr).toContain('abort')
      expect(code).not.toBe(0)
      expect((await place()).host).toBe(host)
      expect(await newest()).toMatchObject({ status: 'cancelled', reason: 'aborted' })
      await keepsCounting()
      await expectOneCopy()
    })

    it('is finished by the next command when its own was killed', async () => {
      const { host } = await place()
      const moving = await spawnNova(['live-migration', 'web', '--bandwidth', '4'], { state, timeoutMs: 300_000 })
      await eventually('the move to be under way', isUnderWay)
      moving.kill()
      await moving.ended
      const { code, stderr } = await run('operation', 'resume')
      expect(code, stderr).toBe(0)
      expect((await place()).host).toBe(other(host))
      expect(await newest()).toMatchObject({ status: 'completed' })
      await keepsCounting()
      await expectOneCopy()
    })

    it('is what a drain does with a running server', async () => {
      const { host } = await place()
      expect(await json('host', 'drain', host)).toMatchObject([{ server: 'web', result: 'moved', how: 'live', to: other(host) }])
      await keepsCounting()
      await expectOneCopy()
    })
  })
}
