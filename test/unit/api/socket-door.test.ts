/** The socket's door before readers that do not read: what they ask for waits, and others are answered meanwhile. */
import { mkdtempSync, rmSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { expect, it, onTestFinished } from 'vitest'
import { admission } from '../../../src/api/admission.ts'
import { dispatcher, type Method, type World } from '../../../src/api/dispatcher.ts'
import { limits } from '../../../src/api/limits.ts'
import { requestCounts } from '../../../src/api/request-counts.ts'
import { openSocketDoor } from '../../../src/api/socket-door.ts'
import { systemClock } from '../../../src/system/clock.ts'
import { systemRandom } from '../../../src/system/random.ts'
import { eventually } from '../../support/eventually.ts'

const ignore = () => undefined
const log = { info: ignore, warn: ignore, error: ignore }
const longBytes = 300_000

/** A door with the methods `ping` and `long`, whose answer has 300 kB and is ready when the test says so. */
async function aDoor() {
  const directory = mkdtempSync(join(tmpdir(), 'nk-'))
  const ran = { long: 0 }
  let answer: () => void = ignore
  const ready = new Promise<void>((resolve) => {
    answer = resolve
  })
  const long = async () => {
    ran.long += 1
    await ready
    return 'x'.repeat(longBytes)
  }
  const methods = new Map<string, Method>([
    ['ping', { run: async () => 'pong' }],
    ['long', { run: long }],
  ])
  const world: World = {
    perform: async () => undefined,
    actions: { names: async () => [], load: async () => Promise.reject(new Error('there are no actions')) },
    methods,
    sources: { open: () => ({ stream: async function* () {}, end: ignore }) },
    admission: admission({ running: 1, waiting: 1 }),
    rates: { take: ignore, limited: 0 },
    counts: requestCounts(),
    log,
    clock: systemClock,
    random: systemRandom,
    hostNames: async () => [],
    stopping: () => undefined,
  }
  const path = join(directory, 'nova.sock')
  const options = { path, log, owner: 'alice', maxConnections: 50, idleSeconds: 60 }
  const door = await openSocketDoor({ ...options, dispatcher: dispatcher(world) })
  onTestFinished(async () => {
    await door.close()
    rmSync(directory, { recursive: true, force: true })
  })
  return { path, ran, answer }
}

function aClient(path: string): Socket {
  const socket = connect(path)
  onTestFinished(() => void socket.destroy())
  return socket
}

const frames = (method: string, count: number) =>
  Array.from({ length: count }, (_, id) => `${JSON.stringify({ jsonrpc: '2.0', id, method })}\n`).join('')

/** The next `count` answers. */
async function answers(socket: Socket, count: number): Promise<{ readonly id: number; readonly result: string }[]> {
  const found: { readonly id: number; readonly result: string }[] = []
  for await (const line of createInterface({ input: socket })) {
    found.push(JSON.parse(line))
    if (found.length === count) break
  }
  return found
}

it('begins no more for a reader that does not read than fills its queue, and answers others at once', async () => {
  const { path, ran, answer } = await aDoor()
  const slow = Array.from({ length: 20 }, () => aClient(path).pause())
  for (const socket of slow) socket.write(frames('long', 100))
  await eventually('a call of each', async () => ran.long >= slow.length)
  answer()
  const quick = aClient(path)
  quick.write(frames('ping', 100))
  expect((await answers(quick, 100)).map(({ result }) => result)).toEqual(Array(100).fill('pong'))
  const toMark = Math.ceil(limits.pauseBytes / longBytes)
  // What the kernel's buffers take does not wait in the queue.
  expect(ran.long).toBeLessThanOrEqual(slow.length * (toMark + limits.ownCallsPerConnection + 2))
})

it('answers everything in the end, once the reader has caught up', async () => {
  const { path, ran, answer } = await aDoor()
  answer()
  const socket = aClient(path).pause()
  socket.end(frames('long', 100))
  const found = await answers(socket, 100)
  expect(found.map(({ id }) => id).sort((one, other) => one - other)).toEqual(Array.from({ length: 100 }, (_, id) => id))
  expect(ran.long).toBe(100)
})

it('refuses more than the limit of unanswered calls, held ones among them', async () => {
  const { path, answer } = await aDoor()
  const socket = aClient(path)
  socket.write(frames('long', limits.callsPerConnection + 5))
  const refused = await answers(socket, 5)
  expect(refused.every((each) => 'error' in each)).toBe(true)
  answer()
  const found = await answers(socket, limits.callsPerConnection)
  expect(found.filter((each) => 'error' in each)).toEqual([])
})
