/** What a person in a terminal is asked when a host is added over ssh. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { aFakeCloud, type FakeCloud } from '../support/a-fake-cloud.ts'
import { type Rig, startRig } from '../support/rig/rig.ts'
import { makeKey } from '../support/rig/rig-files.ts'
import { rigObstacle } from '../support/rig/rig-obstacle.ts'
import { keys, onTerminal } from '../support/terminal.ts'

const obstacle = rigObstacle()
const suite = `adding a host in a terminal${obstacle === undefined ? '' : ` (skipped: ${obstacle})`}`

describe.skipIf(obstacle !== undefined)(suite, () => {
  let rig: Rig
  let cloud: FakeCloud
  beforeAll(async () => {
    rig = await startRig(1)
    cloud = await aFakeCloud()
  })
  afterAll(async () => {
    await rig?.down()
    cloud?.remove()
  })
  const line = (identity: string) => {
    const { name, address } = rig.host(1)
    return ['host', 'add', name, `root@${address}`, '--identity', identity]
  }

  it('shows the fingerprint and takes a no', async () => {
    const { code, text } = await onTerminal(cloud, line(rig.identityFile), { talk: [[/y\/N/, `n${keys.enter}`]] })
    expect(text).toMatch(/is not known: ssh-ed25519 SHA256:/)
    expect(code).toBe(4)
    expect(await cloud.json('host', 'list')).toEqual([])
  })

  it('asks for the passphrase of a key, and keeps the key of the host with a yes', async () => {
    const locked = join(rig.directory, 'locked')
    makeKey(locked, 'open sesame')
    rig
      .host(1)
      .enter('sh', '-c', `echo '${readFileSync(`${locked}.pub`, 'utf8').trim()}' >>${rig.host(1).directory}/authorized_keys`)
    const talk = [
      [/passphrase of/, `open sesame${keys.enter}`],
      [/y\/N/, `y${keys.enter}`],
      [/passphrase of/, `open sesame${keys.enter}`],
    ] as const
    const { code, text } = await onTerminal(cloud, line(locked), { talk })
    expect(text).not.toContain('open sesame')
    expect(code).toBe(0)
    expect(readFileSync(join(cloud.state, 'known_hosts'), 'utf8')).toContain(rig.host(1).knownHostsLine)
  })
})
