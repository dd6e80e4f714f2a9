/** The how-to pages on hosts are what their commands print, on three real ones that the reader's ssh configuration names. */
import { chmodSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Rig, startRig } from '../support/rig/rig.ts'
import { rigObstacle } from '../support/rig/rig-obstacle.ts'
import { brokenPromises } from '../support/run-console-page.ts'

const obstacle = rigObstacle('libvirt')
const suite = `pages for three hosts${obstacle === undefined ? '' : ` (skipped: ${obstacle})`}`
const update = process.env.UPDATE_GOLDEN === '1'

describe.skipIf(obstacle !== undefined)(suite, () => {
  let rig: Rig
  const timers: NodeJS.Timeout[] = []
  beforeAll(async () => {
    rig = await startRig(3, 'libvirt')
  })
  afterAll(async () => {
    for (const timer of timers) clearInterval(timer)
    await rig?.down()
  })

  /** ~/.ssh/config with the hosts, and `power HOST on|off`, which waits until it is done. */
  function furnish(home: string): void {
    const ssh = join(home, '.ssh')
    mkdirSync(ssh, { mode: 0o700 })
    const entries = rig.hosts.map(
      ({ address }, index) => `Host hv${index + 1}\n  HostName ${address}\n  User root\n  IdentityFile ${rig.identityFile}\n`,
    )
    writeFileSync(join(ssh, 'config'), entries.join(''), { mode: 0o600 })
    const order = join(home, 'power-order')
    const power = join(home, 'bin', 'power')
    writeFileSync(
      power,
      `#!/bin/sh\necho "$1 $2" >'${order}.new'; mv '${order}.new' '${order}-'"$1-$2"\nwhile [ -e '${order}-'"$1-$2" ]; do sleep 0.1; done\n`,
    )
    chmodSync(power, 0o755)
    rig.hosts.forEach((host, index) => {
      for (const state of ['on', 'off']) {
        const file = `${order}-hv${index + 1}-${state}`
        let isBusy = false
        const obey = async () => {
          if (isBusy || !existsSync(file)) return
          isBusy = true
          await (state === 'on' ? host.start() : host.crash())
          rmSync(file)
          isBusy = false
        }
        timers.push(setInterval(obey, 100))
      }
    })
  }

  it.each(['first-three-hosts', 'drain-a-host', 'when-a-host-dies'])('%s', async (name) => {
    const page = join(import.meta.dirname, `../../docs/how-to/${name}.md`)
    const broken = await brokenPromises(page, { update, furnish })
    expect(update ? [] : broken).toEqual([])
    for (const host of rig.hosts)
      expect(host.enter('virsh', '-q', '-c', 'qemu:///system', 'list', '--all', '--name').trim()).toBe('')
  })
})
