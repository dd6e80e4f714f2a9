/** A domain of a host that is reached by ssh alone is adopted and let go again through the command line. */
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { nova, novaJson } from '../support/cli.ts'
import { foreignDomainXml } from '../support/foreign-domain.ts'
import { type Rig, startRig } from '../support/rig/rig.ts'
import { rigObstacle } from '../support/rig/rig-obstacle.ts'

const obstacle = rigObstacle('libvirt')
const suite = `adoption over ssh${obstacle === undefined ? '' : ` (skipped: ${obstacle})`}`
const id = 'aaaaaaaa-2222-4333-8444-555555555555'

describe.skipIf(obstacle !== undefined)(suite, () => {
  const state = mkdtempSync(join(tmpdir(), 'nk-'))
  let rig: Rig
  const json = (...args: string[]) => novaJson(args, { state })
  const virsh = (...words: string[]) => rig.host(1).enter('virsh', '-q', '-c', 'qemu:///system', ...words)
  const both = () => [virsh('dumpxml', id, '--inactive', '--security-info'), virsh('dumpxml', id, '--security-info')]

  beforeAll(async () => {
    rig = await startRig(1, 'libvirt')
    const { name, address, directory } = rig.host(1)
    for (const disk of ['old-db', 'old-db-extra']) {
      writeFileSync(join(directory, `${disk}.img`), '')
      truncateSync(join(directory, `${disk}.img`), 1024 ** 2)
    }
    const xml = foreignDomainXml({ id, name: 'old-db', directory }).replace('br-test', 'br-ex')
    writeFileSync(join(directory, 'old-db.xml'), xml)
    virsh('define', join(directory, 'old-db.xml'))
    virsh('start', id)
    const login = [`root@${address}`, '--identity', rig.identityFile, '--accept-new']
    const added = await nova(['host', 'add', name, ...login, '--driver', 'libvirt', '--virt-type', 'qemu'], { state })
    expect(added).toMatchObject({ code: 0 })
  })
  afterAll(async () => {
    await rig?.down()
    rmSync(state, { recursive: true, force: true })
  })

  it('leaves the domain as it is, to the byte', async () => {
    const { name } = rig.host(1)
    const before = both()
    expect(await json('import', 'list', name)).toMatchObject([{ name: 'old-db', adoptable: true, ram: 24 }])
    const { definition } = (await json('import', 'adopt', name, 'old-db')) as { definition: string }
    expect(both()).toEqual(before)
    expect(await json('doctor')).toEqual([])
    expect(await json('import', 'release', 'old-db')).toMatchObject({ definition, unchanged: true, powerState: 'running' })
    expect(both()).toEqual(before)
  })

  it('tells the CPU of the fleet and the way to a screen', async () => {
    const { name, address } = rig.host(1)
    expect(await json('host', 'cpu-baseline')).toMatchObject({ guestCpu: expect.any(String), hosts: [{ host: name, lacks: [] }] })
    await json('import', 'adopt', name, 'old-db')
    const { tunnel } = (await json('get-vnc-console', 'old-db')) as { tunnel: string }
    expect(tunnel).toMatch(new RegExp(`^ssh -N -L 5900:127\\.0\\.0\\.1:5900 -i \\S+ root@${address}$`))
  })
})
