/** A snapshot looks for room first, and leaves nothing on its host whatever happens. */
import { describe, expect, it } from 'vitest'
import { Fault } from '../../../src/core/fault.ts'
import { guestDirectory } from '../../../src/drivers/guest-directory.ts'
import type { SnapshotRun } from '../../../src/drivers/snapshot-disk.ts'
import { snapshotFile, takeSnapshot } from '../../../src/drivers/snapshot-disk.ts'
import { scriptedHost } from '../../../src/hosts/scripted.ts'
import { systemRandom } from '../../../src/system/random.ts'
import { aGuest } from '../../support/a-guest.ts'
import { realTime, receive } from '../../support/host-directory.ts'

const spec = aGuest()
const instancesPath = '/i'

async function onHostWith({ free, convert = 0 }: { free: number; convert?: number }) {
  const host = await scriptedHost({
    files: { [`/i/${spec.id}/disk`]: 'x' },
    rules: [
      (argv) => (argv.includes('measure') ? { stdout: '{"required": 1000}' } : undefined),
      (argv) => (argv.includes('info') ? { stdout: '{"virtual-size": 1, "actual-size": 1}' } : undefined),
      (argv) => (argv[0] === 'df' ? { stdout: `Avail\n${free}\n` } : undefined),
      (argv) => (argv.includes('convert') ? { exitCode: convert, stderr: 'broken' } : undefined),
    ],
  })
  const context = { host, instancesPath, clock: realTime, random: systemRandom, virtType: 'qemu' as const, receive }
  const paths = guestDirectory(context, spec.id)
  const drops: string[] = []
  const run: SnapshotRun = {
    record: { spec, rescue: null },
    paths,
    localPath: '/nowhere/image',
    copyLive: undefined,
    drop: async () => void drops.push('dropped'),
  }
  return { host, context, paths, drops, run }
}

describe('a snapshot', () => {
  it('is refused with numbers when the host has no room for it', async () => {
    const { host, context, run } = await onHostWith({ free: 999 })
    await expect(takeSnapshot(context, run)).rejects.toMatchObject({
      kind: 'conflict',
      message: `host scripted has 999 bytes free for /i/${spec.id}, an image of guest ${spec.id} takes up to 1000`,
    })
    expect(host.ran.some((argv) => argv.includes('convert'))).toBe(false)
  })

  it('names the format of the disk for every tool that opens it', async () => {
    const { host, context, run } = await onHostWith({ free: 1000, convert: 1 })
    await expect(takeSnapshot(context, run)).rejects.toMatchObject({ kind: 'internal' })
    const opening = host.ran.filter((argv) => argv.includes('qemu-img'))
    expect(opening.length).toBeGreaterThanOrEqual(2)
    for (const argv of opening) expect(argv[argv.indexOf('-f') + 1]).toBe('qcow2')
  })

  it('tells its own failure when what is left cannot be removed', async () => {
    const { context, run, drops } = await onHostWith({ free: 1000 })
    const copyLive = async () => {
      throw new Fault('internal', 'the copy failed')
    }
    const drop = async () => {
      drops.push('tried')
      if (drops.length > 1) throw new Fault('unreachable', 'the host is gone')
    }
    await expect(takeSnapshot(context, { ...run, copyLive, drop })).rejects.toMatchObject({ message: 'the copy failed' })
    expect(drops).toHaveLength(2)
  })

  it('lies in the directory of the guest, so that it goes with the guest', async () => {
    const { paths } = await onHostWith({ free: 0 })
    expect(snapshotFile(paths).startsWith(`${paths.directory}/`)).toBe(true)
  })
})
