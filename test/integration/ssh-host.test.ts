/** The ssh host against a real sshd, in a host of the rig. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fencedHost } from '../../src/hosts/fenced-host.ts'
import { recordingHost } from '../../src/hosts/recording-host.ts'
import { hostContract } from '../contract/host-contract.ts'
import { type Rig, startRig } from '../support/rig/rig.ts'
import { rigObstacle } from '../support/rig/rig-obstacle.ts'
import { onRigHost } from '../support/rig/rig-ssh.ts'

const obstacle = rigObstacle()
const suite = `hosts over ssh${obstacle === undefined ? '' : ` (skipped: ${obstacle})`}`

describe.skipIf(obstacle !== undefined)(suite, () => {
  let rig: Rig
  beforeAll(async () => {
    rig = await startRig(1)
  })
  afterAll(() => rig?.down())

  hostContract('an ssh host', () => onRigHost(rig))
  hostContract('a recorded ssh host', async () => {
    const made = await onRigHost(rig)
    return { ...made, host: recordingHost(made.host, { planning: false }).host }
  })
  hostContract('a fenced ssh host', async () => {
    const made = await onRigHost(rig)
    return { ...made, host: fencedHost(made.host, made.directory, 1) }
  })

  it('opens one connection for everything', async () => {
    const { host, directory, cleanup } = await onRigHost(rig)
    await Promise.all(Array.from({ length: 12 }, (_, index) => host.writeFile(`${directory}/${index}`, 'x')))
    const sessions = rig.host(1).enter('sh', '-c', 'pgrep -c -f "^sshd: root"')
    expect(Number(sessions)).toBe(1)
    await cleanup()
  })

  it('asks for many files in one round trip', async () => {
    const { host, directory, cleanup } = await onRigHost(rig)
    const before = host.roundTrips()
    const names = Array.from({ length: 50 }, (_, index) => `${directory}/${index}`)
    expect(await Promise.all(names.map((name) => host.stat(name)))).toEqual(names.map(() => undefined))
    expect(host.roundTrips() - before).toBe(1)
    await cleanup()
  })
})
