import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { FakeFault } from '../../src/drivers/fake/index.ts'
import { bootServer } from '../../src/flows/boot-server.ts'
import { deleteServer } from '../../src/flows/delete-server.ts'
import { eventually } from '../support/eventually.ts'
import { type TortureState, tortureState } from '../support/torture-state.ts'

let world: TortureState
beforeEach(async () => {
  world = await tortureState()
})
afterEach(() => world.cleanup())

/** The host's calls behind the steps; without an image and without ssh ports the other steps end before they can be stopped. */
const callOfStep = new Map<string, FakeFault['call']>([
  ['disks', 'createDisks'],
  ['config-drive', 'createConfigDrive'],
  ['spawn', 'spawn'],
  ['activate', 'inspect'],
  ['destroy', 'destroy'],
])
const stepsOf = (flow: { steps: readonly { name: string }[] }) =>
  flow.steps.flatMap(({ name }) => {
    const call = callOfStep.get(name)
    return call === undefined ? [] : [{ name, call }]
  })

/** Kills the command once a step of its flow is under way in its host, then mends the host. */
async function killIn(args: string, faults: readonly FakeFault[], isThere: (step: string, status: string) => boolean) {
  world.misbehave(faults)
  const running = await world.start(args)
  await eventually(`${args} hangs`, async () => {
    const [flow] = await world.openFlows()
    const step = flow?.steps.find(({ status }) => status === 'running')?.name ?? ''
    return flow !== undefined && isThere(step, flow.status)
  })
  running.kill()
  expect((await running.ended).signal).toBe('SIGKILL')
  world.misbehave([])
}

describe.each(['operation resume', 'boot next --flavor m1.tiny'])('kill -9, then nova %s', (next) => {
  const recovers = async () => {
    expect(await world.run(next, { timeoutMs: 20_000 })).toMatchObject({ code: 0 })
    expect(await world.findings()).toEqual([])
  }
  const serverOf = async (name: string) =>
    (await world.read((reader) => reader.list('servers'))).find((server) => server.name === name)

  it.each(stepsOf(bootServer))('in step $name of a boot finishes it', async ({ name, call }) => {
    // A look has no record of its own begin: it is repeated with the step before it.
    const underWay = name === 'activate' ? 'spawn' : name
    await killIn('boot web-1 --flavor m1.tiny', [{ call, mode: 'hang' }], (step) => step === underWay)
    await recovers()
    expect(await serverOf('web-1')).toMatchObject({ vmState: 'active', taskState: null })
  })

  it.each(stepsOf(deleteServer))('in step $name of a delete finishes it', async ({ name, call }) => {
    expect(await world.run('boot web-1 --flavor m1.tiny')).toMatchObject({ code: 0 })
    await killIn('delete web-1', [{ call, mode: 'hang' }], (step) => step === name)
    await recovers()
    expect(await serverOf('web-1')).toMatchObject({ deleted: true })
  })

  it('in the undo of a boot takes it back', async () => {
    const faults = [
      { call: 'spawn', mode: 'fail', message: 'no memory' },
      { call: 'destroy', mode: 'hang' },
    ] as const
    await killIn('boot web-1 --flavor m1.tiny', faults, (_, status) => status === 'undoing')
    await recovers()
    expect(await serverOf('web-1')).toMatchObject({
      vmState: 'error',
      host: null,
      fault: { message: expect.stringContaining('no memory') },
    })
  })

  it('in a boot that a delete has pre-empted leaves nothing', async () => {
    world.misbehave([{ call: 'createConfigDrive', mode: 'hang' }])
    const boot = await world.start('boot web-1 --flavor m1.tiny')
    await eventually('the boot hangs', async () => (await world.openFlows())[0]?.steps[4]?.status === 'running')
    await killIn('delete web-1', [{ call: 'destroy', mode: 'hang' }], (step) => step === 'destroy')
    boot.kill()
    await boot.ended
    await recovers()
    expect(await serverOf('web-1')).toMatchObject({ deleted: true })
  })
})
