/** What qemu-img may do on a host while it reads bytes that somebody else wrote. */
import { spawnSync } from 'node:child_process'
import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { info } from '../../../src/drivers/qemu-img.ts'
import { answersTo, scriptedHost } from '../../../src/hosts/scripted.ts'
import { aQcow2 } from '../../support/disk-images.ts'
import { emptyHostDirectory } from '../../support/host-directory.ts'

const isRoot = process.getuid?.() === 0
const mayCloseNetwork = spawnSync('unshare', [isRoot ? '-n' : '-rn', 'true']).status === 0
const witness = `#!/bin/sh
{ cat /proc/self/status /proc/net/dev; echo "nice $(nice) memory $(ulimit -v) seconds $(ulimit -t)"; } >"$WITNESS"
echo '{"virtual-size": 1, "actual-size": 1}'
`

describe('qemu-img on bytes of others', () => {
  let test: Awaited<ReturnType<typeof emptyHostDirectory>>
  beforeEach(async () => {
    test = await emptyHostDirectory()
  })
  afterEach(async () => {
    vi.unstubAllEnvs()
    await test.cleanup()
  })

  it('S3 has limits, a low priority, no network and no privileges', async () => {
    const seen = `${test.directory}/seen`
    writeFileSync(`${test.directory}/qemu-img`, witness)
    chmodSync(`${test.directory}/qemu-img`, 0o755)
    vi.stubEnv('PATH', `${test.directory}:${process.env.PATH}`)
    vi.stubEnv('WITNESS', seen)
    await info(test.host, { path: '/disk', format: 'qcow2' })
    const text = readFileSync(seen, 'utf8')
    expect(text).toContain('NoNewPrivs:\t1')
    expect(text).toMatch(isRoot ? /CapPrm:\t0+2\n/ : /CapPrm:\t/)
    expect(text).toMatch(/^nice ([5-9]|1\d) memory 1048576 seconds 30$/m)
    const devices = [...text.matchAll(/^ *(\w+): +\d/gm)].map(([, name]) => name)
    if (mayCloseNetwork) expect(devices).toEqual(['lo'])
  })

  it('S3 ends a header that claims tables beyond every limit', async () => {
    const image = aQcow2()
    // 2^27 entries of 8 bytes in the first table of clusters: more than it may have in memory.
    image.writeUInt32BE(2 ** 27, 36)
    const file = `${test.directory}/bomb`
    writeFileSync(file, image)
    const began = performance.now()
    await expect(info(test.host, { path: file, format: 'qcow2' })).rejects.toMatchObject({ kind: 'internal' })
    expect(performance.now() - began).toBeLessThan(35_000)
  })

  it.each([
    ['prlimit: failed to execute qemu-img: No such file or directory', /no qemu-img/],
    ["nice: 'prlimit': No such file or directory", /no prlimit/],
  ])('names the program that %j misses', async (stderr, message) => {
    const host = await scriptedHost({ rules: [answersTo('sh', { exitCode: 127, stderr })] })
    await expect(info(host, { path: '/disk', format: 'qcow2' })).rejects.toThrow(message)
  })
})
