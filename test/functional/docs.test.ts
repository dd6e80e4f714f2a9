/** The commands of the README and of the how-to pages do what the pages say; UPDATE_GOLDEN=1 writes into the pages what they print. */
import { readdirSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { brokenPromises } from '../support/run-console-page.ts'

const root = path.resolve(import.meta.dirname, '../..')
/** Pages for which hypervisors are started: test/integration and test/full run them. */
const onRealHosts = ['adopt-existing-libvirt-domains.md', 'first-three-hosts.md', 'drain-a-host.md', 'when-a-host-dies.md']
const howTos = readdirSync(path.join(root, 'docs/how-to'))
  .filter((name) => name.endsWith('.md') && !onRealHosts.includes(name))
  .map((name) => `docs/how-to/${name}`)
const update = process.env.UPDATE_GOLDEN === '1'

describe('what the pages show', () => {
  it.concurrent.each(['README.md', ...howTos])('%s is what its commands print', async (page) => {
    const broken = await brokenPromises(path.join(root, page), { update })
    expect(update ? [] : broken).toEqual([])
  })
})
