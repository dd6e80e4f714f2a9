/** The how-to page on adoption is what its commands print, on a libvirtd of its own. */
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { libvirtHost, libvirtObstacle } from '../support/libvirt-daemon.ts'
import { brokenPromises } from '../support/run-console-page.ts'

const obstacle = libvirtObstacle()
const isSkipped = obstacle !== undefined && process.env.CI !== 'true'
const page = join(import.meta.dirname, '../../docs/how-to/adopt-existing-libvirt-domains.md')
const update = process.env.UPDATE_GOLDEN === '1'

describe.skipIf(isSkipped)(`a page for a host of libvirt${isSkipped ? ` (${obstacle})` : ''}`, () => {
  let lab: Awaited<ReturnType<typeof libvirtHost>>
  beforeAll(async () => {
    if (obstacle !== undefined) throw new Error(obstacle)
    lab = await libvirtHost()
  })
  afterAll(() => lab?.cleanup())

  it('adopts, operates and lets go of a domain', async () => {
    const broken = await brokenPromises(page, { update, enter: lab.inside })
    expect(update ? [] : broken).toEqual([])
  })
})
