/** A server on a plain qemu host that is reached by ssh alone, through the command line. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type CliResult, nova, novaJson } from '../support/cli.ts'
import { eventually } from '../support/eventually.ts'
import { guestImage } from '../support/guest-image.ts'
import { type Rig, startRig } from '../support/rig/rig.ts'
import { rigObstacle } from '../support/rig/rig-obstacle.ts'

const obstacle = rigObstacle()
const suite = `nova over ssh${obstacle === undefined ? '' : ` (skipped: ${obstacle})`}`

describe.skipIf(obstacle !== undefined)(suite, () => {
  const state = mkdtempSync(join(tmpdir(), 'nk-'))
  let rig: Rig
  const run = (...args: string[]): Promise<CliResult> => nova(args, { state })
  const json = (...args: string[]) => novaJson(args, { state })
  const addHost = (...more: string[]) => {
    const { name, address } = rig.host(1)
    return run('host', 'add', name, `root@${address}`, '--driver', 'qemu', '--identity', rig.identityFile, ...more)
  }

  beforeAll(async () => {
    rig = await startRig(1)
  })
  afterAll(async () => {
    await rig?.down()
    rmSync(state, { recursive: true, force: true })
  })

  it('refuses a key that nobody vouched for, and says which', async () => {
    const [, , key = ''] = rig.host(1).knownHostsLine.split(' ')
    const { code, stderr } = await addHost()
    expect(code).toBe(4)
    expect(stderr).toContain('SHA256:')
    expect(stderr).toContain('--accept-new')
    expect(stderr).not.toContain(key)
  })

  it('adds the host when told to accept its key, and keeps the key', async () => {
    const { code, stderr } = await addHost('--accept-new')
    expect(stderr).toContain('accepted ssh-ed25519 SHA256:')
    expect(code).toBe(0)
    expect(await json('host', 'refresh')).toMatchObject([{ name: rig.host(1).name, state: 'up', error: null }])
  })

  it('boots a guest there to its login prompt', async () => {
    const { disk } = await guestImage()
    await json('image', 'create', 'tiny', '--file', disk, '--disk-format', 'qcow2')
    await json('flavor', 'create', 'small', '--ram', '128', '--vcpus', '1', '--disk', '1')
    expect(await json('boot', 'web', '--image', 'tiny', '--flavor', 'small')).toMatchObject({
      status: 'ACTIVE',
      host: rig.host(1).name,
    })
    const log = await eventually('the login prompt', async () => {
      const { stdout } = await run('console-log', 'web')
      return stdout.includes('login:') && stdout
    })
    expect(log).toContain('web login:')
    expect(rig.host(1).enter('pgrep', '-c', '-f', '^[^ ]*qemu-system')).toBe('1\n')
  })

  it('stops, starts and deletes it, and leaves nothing on the host', async () => {
    expect(await json('stop', 'web')).toMatchObject([{ status: 'SHUTOFF' }])
    expect(await json('start', 'web')).toMatchObject([{ status: 'ACTIVE' }])
    await json('delete', 'web', '--yes')
    expect(() => rig.host(1).enter('pgrep', '-f', '^[^ ]*qemu-system')).toThrow()
    const left = rig.host(1).enter('find', rig.host(1).instancesPath, '-mindepth', '1', '-maxdepth', '1', '-printf', '%f\\n')
    expect(left.split('\n').filter((name) => name !== '' && !name.startsWith('.') && name !== '_base')).toEqual([])
  })
})
