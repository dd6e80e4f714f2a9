/** Several processes on one state directory: nothing acknowledged is lost, whoever is killed. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { verifyJournal } from '../../src/state/json/verify-journal.ts'
import { systemFs } from '../../src/system/fs.ts'
import { aDirectory, addKeypair, aStore } from '../unit/state/store-for-tests.ts'

const script = fileURLToPath(new URL('counter-process.ts', import.meta.url))

interface Counter {
  readonly child: ChildProcess
  /** The last number that it printed: transactions acknowledged to it. */
  readonly acknowledged: () => number
  readonly exit: Promise<unknown[]>
}

function aCounter(directory: string, count: number): Counter {
  const child = spawn(process.execPath, ['--import', 'tsx', script, directory, String(count)], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NODE_EXTRA_CA_CERTS: '' },
  })
  let printed = ''
  child.stdout?.on('data', (data: Buffer) => {
    printed += data.toString()
  })
  const acknowledged = () => Number(printed.split('\n').at(-2) ?? 0)
  return { child, acknowledged, exit: once(child, 'close') }
}

async function counted(directory: string): Promise<number> {
  const store = aStore(directory)
  return Number((await store.read((reader) => reader.get('keypairs', 'counter')))?.name)
}

async function aCountedDirectory(): Promise<string> {
  const directory = aDirectory()
  const store = aStore(directory)
  await addKeypair(store, 'counter', { name: '0' })
  await store.close()
  return directory
}

describe('many processes', () => {
  it('count to the sum of their increments, snapshots in between, and exit by themselves', async () => {
    const directory = await aCountedDirectory()
    const counters = [aCounter(directory, 150), aCounter(directory, 150), aCounter(directory, 150)]
    const exits = await Promise.all(counters.map(({ exit }) => exit))
    expect(exits.map(([code]) => code)).toEqual([0, 0, 0])
    expect(await counted(directory)).toBe(450)
    expect(await verifyJournal(directory, systemFs)).toMatchObject({ problems: [], survives: [[1, 451]], tornBytes: 0 })
  }, 60_000)

  it('show readers whole revisions only, without waiting for a lock', async () => {
    const directory = await aCountedDirectory()
    const counter = aCounter(directory, 200)
    const store = aStore(directory)
    let last = 0
    let isOver = false
    const over = counter.exit.then(() => {
      isOver = true
    })
    while (!isOver) {
      const [revision, name] = await store.read(async (reader) => [
        reader.revision,
        (await reader.get('keypairs', 'counter'))?.name,
      ])
      expect(Number(name)).toBe(Number(revision) - 1)
      expect(Number(revision)).toBeGreaterThanOrEqual(last)
      last = Number(revision)
      await new Promise(setImmediate)
    }
    await over
    expect(await counted(directory)).toBe(200)
  }, 60_000)

  it('free the lock at once when killed, and lose nothing that was acknowledged', async () => {
    const directory = await aCountedDirectory()
    let acknowledged = 0
    let attempts = 0
    for (let kill = 0; kill < 4; kill += 1) {
      const counter = aCounter(directory, 10_000)
      while (counter.acknowledged() < 25 + kill * 7) await new Promise(setImmediate)
      counter.child.kill('SIGKILL')
      await counter.exit
      acknowledged += counter.acknowledged()
      attempts += 1
      const store = aStore(directory, { lockTimeoutMs: 20_000 })
      await addKeypair(store, `after-${kill}`)
      await store.close()
    }
    const total = await counted(directory)
    // A transaction whose acknowledgement was on its way when the process died may count too: one for each kill.
    expect(total).toBeGreaterThanOrEqual(acknowledged)
    expect(total).toBeLessThanOrEqual(acknowledged + attempts)
    expect((await verifyJournal(directory, systemFs)).problems).toEqual([])
  }, 60_000)
})
