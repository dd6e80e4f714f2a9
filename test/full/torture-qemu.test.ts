import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { guestImage } from '../support/guest-image.ts'
import { qemuProcesses } from '../support/host-oracle.ts'
import { injecting } from '../support/system-calls.ts'
import { type TortureState, tortureState } from '../support/torture-state.ts'

let world: TortureState
let serial = 0
const newName = () => `q-${++serial}`
const bootOf = (name: string) => `boot ${name} --flavor m1.tiny --image guest`
const instances = () => join(world.state, 'instances/h1')

beforeAll(async () => {
  world = await tortureState({ host: 'host add h1 --driver qemu' })
  await succeeds(`image create guest --file ${(await guestImage()).disk}`)
})
afterAll(async () => {
  const left = await world.liveServers()
  if (left.length > 0) await world.run(`delete ${left.map(({ id }) => id).join(' ')} --yes`)
  world.cleanup()
})

async function succeeds(args: string) {
  const { code, stderr } = await world.run(args)
  expect(code, `nova ${args}: ${stderr}`).toBe(0)
}

/** The next command puts everything right; then the server goes, and nothing of it is left. */
async function recovers(when: string) {
  await succeeds('operation resume')
  expect(await world.findings(), when).toEqual([])
  const left = await world.liveServers()
  if (left.length > 0) await succeeds(`delete ${left.map(({ id }) => id).join(' ')} --yes`)
  expect(await world.findings(), `${when}, deleted`).toEqual([])
  expect(qemuProcesses(instances()), when).toEqual([])
  expect(
    readdirSync(instances()).filter((name) => !name.startsWith('.') && name !== '_base'),
    when,
  ).toEqual([])
  const ports = join(instances(), '.ports')
  expect(existsSync(ports) ? readdirSync(ports) : [], when).toEqual([])
}

/** Dies with the effect done and its record not written: the n-th write to the journal. */
const dyingAtRecord = (nth: number) =>
  injecting({ call: 'write', nth }, 'signal=SIGKILL', {
    onlyOn: join(world.state, 'journal.0.jsonl'),
    withoutChildren: true,
  })

describe('kill -9 of a boot of a real guest', () => {
  it('before each record: finished or unwound, no orphan', async () => {
    let killed = 0
    for (let nth = 1; ; nth += 1) {
      const { signal, code } = await world.run(bootOf(newName()), { under: dyingAtRecord(nth) })
      await recovers(`boot killed at record ${nth}`)
      if (signal !== 'SIGKILL' && code !== 137) break
      killed += 1
    }
    // Accepted and placed, network, image, disks, spawned and looked at; a config drive is one more.
    expect(killed).toBeGreaterThanOrEqual(5)
  })

  it.each(['network', 'image', 'disks', 'config-drive', 'spawn', 'activate'])('in step %s', async (step) => {
    const name = newName()
    const running = await world.start(bootOf(name))
    let isOver = false
    const ended = running.ended.finally(() => {
      isOver = true
    })
    await eventually(`step ${step} of ${name}`, async () => {
      const [flow] = await world.openFlows()
      const reached = flow?.steps.find((entry) => entry.name === step)?.status ?? 'pending'
      return reached !== 'pending' || isOver
    })
    running.kill()
    await ended
    await recovers(`boot killed in step ${step}`)
  })
})

describe('kill -9 of a delete of a real guest', () => {
  it('before each record: finished, no orphan', async () => {
    let killed = 0
    for (let nth = 1; ; nth += 1) {
      const name = newName()
      await succeeds(bootOf(name))
      const { signal, code } = await world.run(`delete ${name}`, { under: dyingAtRecord(nth) })
      await recovers(`delete killed at record ${nth}`)
      if (signal !== 'SIGKILL' && code !== 137) break
      killed += 1
    }
    expect(killed).toBeGreaterThanOrEqual(3)
  })
})
