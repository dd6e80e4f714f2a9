/** S1: what the kernel saw while a hostile image was taken in: no file that it names was opened, and no tool was started. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { nova } from '../support/cli.ts'
import { aQcow2 } from '../support/disk-images.ts'

const canary = 'the secret of the host'
let folder: string
let secret: string
beforeAll(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'nk-'))
  secret = path.join(folder, 'canary')
  writeFileSync(secret, canary)
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function backed(name: string): Buffer {
  const bytes = aQcow2()
  bytes.writeBigUInt64BE(512n, 8)
  bytes.writeUInt32BE(name.length, 16)
  bytes.write(name, 512)
  return bytes
}
const hostile: readonly (readonly [name: string, bytes: () => Buffer])[] = [
  ['a backing file', () => backed(secret)],
  ['a backing file as JSON', () => backed(`json:{"file":{"driver":"file","filename":"${secret}"}}`)],
  ['a data file', () => aQcow2({ extensions: [{ type: 0x44415441, data: secret }] })],
  [
    'an extent of a VMDK',
    () => Buffer.from(`# Disk DescriptorFile\nversion=1\ncreateType="monolithicFlat"\nRW 2048 FLAT "${secret}" 0\n`),
  ],
]

it('S1 a hostile image opens no file that it names, and reaches no tool', async () => {
  for (const [index, [name, bytes]] of hostile.entries()) {
    const [file, trace] = [path.join(folder, `image-${index}`), path.join(folder, `trace-${index}`)]
    writeFileSync(file, bytes())
    const under = ['strace', '-f', '-qq', '-s', '4096', '-e', 'trace=open,openat,openat2,execve', '-o', trace]
    const made = await nova(['image', 'create', 'x', '--file', file], { state: path.join(folder, 'state'), under })
    expect([name, made.code, made.stderr]).toEqual([name, 2, expect.stringContaining('not an image that can be used')])
    const seen = readFileSync(trace, 'utf8')
    expect(seen).toContain(`"${file}"`)
    expect(seen).not.toContain(`"${secret}"`)
    expect(seen.match(/execve\("[^"]*(qemu|genisoimage|virsh|tar)/g)).toBeNull()
  }
})
