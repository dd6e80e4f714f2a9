/** R1: a process dies after each of its effects, and each step fails before and after its own, in a cloud in memory. */
import { aCloud } from '../../support/a-cloud.ts'
import { findingsOf, injected, unwindsFromStep } from '../../support/broken-steps.ts'
import { before, begin, everyFlow, everyStep, hostsFor } from '../../support/every-flow.ts'
import { passed } from '../../support/turns.ts'
import type { Row, Trial } from '../runner/row.ts'

const held = ['FLOW', 'RES', 'HOST', 'ONE'] as const

/** How many effects a flow has when nothing goes wrong. */
async function effectsOf(flow: string): Promise<number> {
  const cloud = await aCloud(hostsFor(flow))
  await before(flow, cloud)
  const many = 1_000_000
  const mortal = { effects: many }
  await begin(flow, cloud.process(7, { mortal }))
  return many - mortal.effects
}

/** Kills the process after so many effects; another one takes over. */
async function dies(flow: string, effects: number, trial: Trial): Promise<void> {
  const cloud = await aCloud(hostsFor(flow))
  await before(flow, cloud)
  const mortal = { effects }
  let isOver = false
  void begin(flow, cloud.process(7, { mortal })).finally(() => {
    isOver = true
  })
  await passed(() => isOver || mortal.effects < 0)
  if (!isOver) trial.fired()
  cloud.dead.add(7)
  const adopted = await cloud.process(8).flows.adopt()
  trial.checked(Math.max(1, adopted.length))
  trial.judge(held, await findingsOf(cloud))
}

async function fails(flow: string, index: number, when: 'before' | 'after', trial: Trial): Promise<void> {
  const { fault, findings, cloud } = await unwindsFromStep({ flow, index, when })
  if (fault?.message === injected) trial.fired()
  const records = await cloud.context.store.read((reader) => reader.list('flows'))
  const broken = records.find(({ name }) => name === flow)
  const aimed =
    broken?.steps[index]?.status === 'undone' ? [] : [`FLOW ${flow}: step ${index} is ${broken?.steps[index]?.status}`]
  trial.checked()
  trial.judge(held, [...findings, ...aimed])
}

export const everyStepRow: Row = {
  id: 'R1',
  title: 'a process dies or a step fails at every place of every flow, in memory',
  runs: { t1: 300, t2: 'every', t3: 'every' },
  floor: { fired: 0.9, checked: 1 },
  async open() {
    const deaths: [string, (trial: Trial) => Promise<void>][] = []
    for (const { name } of everyFlow) {
      const count = await effectsOf(name)
      for (let effects = 1; effects < count; effects += 1)
        deaths.push([`${name} dies after ${effects}`, (trial) => dies(name, effects, trial)])
    }
    const failures = everyStep.flatMap(({ name, step, index }) =>
      (['before', 'after'] as const).map(
        (when) => [`${name} fails ${when} ${step}`, (trial: Trial) => fails(name, index, when, trial)] as const,
      ),
    )
    const cases = new Map([...deaths, ...failures])
    return {
      cases: [...cases.keys()],
      run: async (name, trial) => cases.get(name)?.(trial),
      close: async () => undefined,
    }
  },
}
