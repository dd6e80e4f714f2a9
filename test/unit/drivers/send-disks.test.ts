import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { asidePaths } from '../../../src/drivers/aside.ts'
import type { GuestSpec } from '../../../src/drivers/driver.ts'
import { writeGuestRecord } from '../../../src/drivers/guest-record.ts'
import { sendDisks } from '../../../src/drivers/send-disks.ts'
import { type ScriptedHost, scriptedHost } from '../../../src/hosts/scripted.ts'
import { systemRandom } from '../../../src/system/random.ts'
import { aDisk, aGuest, aGuestImage } from '../../support/a-guest.ts'
import { realTime } from '../../support/host-directory.ts'

const base = 'the image below'
const digest = createHash('sha256').update(base).digest('hex')
const image = aGuestImage({ digest })
const spec = aGuest({
  disks: [aDisk({ image }), aDisk({ role: 'ephemeral' }), aDisk({ role: 'swap' }), aDisk({ role: 'config', bytes: 0 })],
})
const { id } = spec

/** Two hosts with unlike paths; the guest is aside on the first. */
async function twoHosts(around: (host: ScriptedHost) => ScriptedHost = (host) => host) {
  const aside = `/a/${id}_resize`
  const files = {
    [`${aside}/disk`]: 'root',
    [`${aside}/disk.eph0`]: 'second',
    [`${aside}/disk.swap`]: 'swap',
    [`${aside}/disk.config`]: 'drive',
  }
  const from = await scriptedHost({ name: 'from', files: { ...files, [`/a/_base/${digest}`]: base } })
  const to = around(await scriptedHost({ name: 'to' }))
  const context = { host: from, instancesPath: '/a', clock: realTime, random: systemRandom, virtType: 'auto' as const }
  await writeGuestRecord(context, asidePaths(context, id), { spec, rescue: null })
  const send = (wanted: GuestSpec = spec) => sendDisks(context, id, { host: to, instancesPath: '/b' }, wanted)
  return { from, to, send, text: async (name: string) => (await to.readFile(`/b/${name}`))?.toString() }
}

describe('sent disks', () => {
  it('arrive whole, with the image below them', async () => {
    const { send, text } = await twoHosts()
    await send()
    const names = ['disk', 'disk.eph0', 'disk.swap', 'disk.config'].map((name) => `${id}/${name}`)
    expect(await Promise.all(names.map(text))).toEqual(['root', 'second', 'swap', 'drive'])
    expect(await text(`_base/${digest}`)).toBe(base)
  })

  it('leave behind what the new flavor has no place for, and swap of another size', async () => {
    const { to, send } = await twoHosts()
    await send({ ...spec, disks: [aDisk({ image }), aDisk({ role: 'swap', bytes: 2 * 1024 ** 2 })] })
    expect(await to.readdir(`/b/${id}`)).toEqual(['disk', 'guest.json'])
  })

  it('spare an image that the other host has', async () => {
    const { from, to, send } = await twoHosts()
    await from.remove(`/a/_base/${digest}`)
    await to.mkdir('/b/_base')
    await to.writeFile(`/b/_base/${digest}`, base)
    await send()
    expect(await to.readdir(`/b/${id}`)).toHaveLength(5)
  })

  it('that are damaged on the way are refused and removed', async () => {
    const damaging = (host: ScriptedHost): ScriptedHost => ({
      ...host,
      writeStream: async (path, source) => {
        for await (const _ of source);
        await host.writeFile(path, 'something else')
        return createHash('sha256').update('something else').digest('hex')
      },
    })
    const { to, send } = await twoHosts(damaging)
    await expect(send({ ...spec, disks: [aDisk()] })).rejects.toMatchObject({
      kind: 'conflict',
      message: expect.stringContaining('arrived damaged'),
    })
    expect(await to.readdir(`/b/${id}`)).toEqual([])
  })

  it('never stand on an image that is damaged in the cache', async () => {
    const { from, to, send } = await twoHosts()
    await from.writeFile(`/a/_base/${digest}`, 'rotten')
    await expect(send()).rejects.toMatchObject({ kind: 'conflict', message: expect.stringContaining('is damaged') })
    expect(await to.readdir('/b/_base')).toEqual([])
  })
})
