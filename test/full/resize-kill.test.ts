/** A resize, its confirm and its revert on real qemu processes, killed before every record that they write. */
import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { qemuProcesses } from '../support/host-oracle.ts'
import { injecting } from '../support/system-calls.ts'
import { type TortureState, tortureState } from '../support/torture-state.ts'

const hosts = ['h1', 'h2']
let world: TortureState

beforeAll(async () => {
  world = await tortureState({ host: 'host add h1 --driver qemu' })
  await succeeds('host add h2 --driver qemu')
  await succeeds('flavor create small --ram 64 --vcpus 1 --disk 1')
  await succeeds('flavor create big --ram 128 --vcpus 1 --disk 2')
  // Guests without a system hear no power button.
  writeFileSync(join(world.state, 'settings.json'), JSON.stringify({ shutdownTimeout: 0 }))
})
afterAll(async () => {
  if ((await world.liveServers()).length > 0) await world.run('delete web-1 --yes')
  world.cleanup()
})

async function succeeds(args: string) {
  const { code, stderr } = await world.run(args)
  expect(code, `nova ${args}: ${stderr}`).toBe(0)
}

const instances = (name: string) => join(world.state, 'instances', name)
const running = () => hosts.flatMap((name) => qemuProcesses(instances(name)))
const left = () =>
  hosts.flatMap((name) => readdirSync(instances(name)).filter((entry) => !entry.startsWith('.') && entry !== '_base'))
const dyingAtRecord = (nth: number) =>
  injecting({ call: 'write', nth }, 'signal=SIGKILL', { onlyOn: join(world.state, 'journal.0.jsonl'), withoutChildren: true })

/** After the next command one copy runs and the records are true; deleted, nothing is left. */
async function recovers(when: string) {
  await succeeds('operation resume')
  expect(running(), when).toHaveLength(1)
  expect(await world.findings(), when).toEqual([])
  await succeeds('delete web-1 --yes')
  expect(await world.findings(), `${when}, deleted`).toEqual([])
  expect([...running(), ...left()], `${when}, deleted`).toEqual([])
}

describe.each([
  { line: 'resize web-1 big', before: [], records: 7 },
  { line: 'resize-confirm web-1', before: ['resize web-1 big'], records: 2 },
  { line: 'resize-revert web-1 --yes', before: ['resize web-1 big'], records: 4 },
])('kill -9 of $line', ({ line, before, records }) => {
  it('before each record: finished or taken back, one copy', async () => {
    let killed = 0
    for (let nth = 1; ; nth += 1) {
      await succeeds('boot web-1 --flavor small')
      for (const first of before) await succeeds(first)
      const { signal, code } = await world.run(line, { under: dyingAtRecord(nth) })
      await recovers(`${line} killed at record ${nth}`)
      if (signal !== 'SIGKILL' && code !== 137) break
      killed += 1
    }
    expect(killed).toBeGreaterThanOrEqual(records)
  })
})
