/** `nova image save` and `nova console attach` through an endpoint, as a person types them. */
import { mkdirSync, readFileSync, statSync } from 'node:fs'
import { createServer } from 'node:net'
import path from 'node:path'
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'
import { aFakeCloud, type FakeCloud } from '../support/a-fake-cloud.ts'
import { onTerminal } from '../support/terminal.ts'

let cloud: FakeCloud
let endpoint: string
const bytes = Buffer.alloc(3 * 1024 ** 2 + 17, 'disk')

beforeAll(async () => {
  cloud = await aFakeCloud('host-a')
  endpoint = `unix:${cloud.state}/nova.sock`
  await cloud.out('image', 'create', 'disk', '--file', cloud.file('disk.raw', bytes), '--disk-format', 'raw')
  await cloud.out('daemon', 'start')
})
afterAll(async () => {
  await cloud.run(['daemon', 'stop'])
  cloud.remove()
})

it('saves an image into a new private file of this machine', async () => {
  const file = path.join(cloud.home, 'saved.raw')
  const line = ['image', 'save', 'disk', file, '--endpoint', endpoint]
  const { code, stdout } = await cloud.run(line)
  expect([code, stdout]).toEqual([0, `saved image disk (${bytes.length} bytes) to ${file}\n`])
  expect(readFileSync(file).equals(bytes)).toBe(true)
  expect(statSync(file).mode & 0o777).toBe(0o600)
  const again = await cloud.run(line)
  expect(again.code).not.toBe(0)
  expect(again.stderr).toContain('is there already')
})

it('writes an image to standard output and nothing else', async () => {
  const { code, stdout } = await cloud.run(['image', 'save', 'disk', '-', '--endpoint', endpoint])
  expect([code, Buffer.from(stdout).equals(bytes)]).toEqual([0, true])
})

it('leaves no file behind for an image that is not there', async () => {
  const file = path.join(cloud.home, 'none.raw')
  expect((await cloud.run(['image', 'save', 'none', file, '--endpoint', endpoint])).code).toBe(3)
  expect(() => statSync(file)).toThrow('ENOENT')
})

it('attaches a terminal to a serial console', async () => {
  const { id } = await cloud.json('boot', 'web-1', '--flavor', 'm1.tiny')
  const directory = path.join(cloud.state, 'instances', 'host-a', String(id))
  mkdirSync(directory, { recursive: true })
  const guest = createServer((socket) => {
    socket.write('guest login: ')
    socket.on('data', (typed) => socket.write(`<${String(typed)}> welcome`))
    socket.on('error', () => undefined)
  })
  await new Promise<void>((resolve) => guest.listen(path.join(directory, 'console.sock'), resolve))
  onTestFinished(() => void guest.close())
  const { code, text } = await onTerminal(cloud, ['console', 'attach', 'web-1', '--endpoint', endpoint], {
    talk: [
      [/guest login: /, 'root'],
      [/welcome/, '\u001d'],
    ],
  })
  expect([code, text]).toEqual([0, expect.stringContaining('left web-1')])
  expect(text).toMatch(/<r(oot)?>/)
})
