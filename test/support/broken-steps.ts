/** Catalogues whose flows are made to stumble: steps that run twice, and one step that fails. */
import { Fault } from '../../src/core/fault.ts'
import { flowCatalogue } from '../../src/flows/catalogue.ts'
import type { AnyFlow, Step, StepRun } from '../../src/flows/flow.ts'
import { aCloud, type Cloud } from './a-cloud.ts'
import { before, begin, hostsFor } from './every-flow.ts'
import { findings, type World } from './oracles.ts'

export interface Breakage {
  readonly flow: string
  readonly index: number
  /** Before the step did anything, or after all it does to the host. */
  readonly when: 'before' | 'after'
}

export const injected = 'failed as injected'

type AnyStep = Step<unknown>

/** The step as adoption may do it: everything outside of transactions happens twice. */
const twice = (step: AnyStep): AnyStep => ({
  name: step.name,
  run: async (run) => {
    await step.run(run)
    return step.run(run)
  },
  ...(step.undo ? { undo: undoTwice(step.undo) } : {}),
})

const undoTwice = (undo: NonNullable<AnyStep['undo']>) => async (run: StepRun<unknown>) => {
  await undo(run)
  return undo(run)
}

/** A step that needs no host, as one that does: with a run of its own. */
export const alone = ({ within: _, ...step }: AnyStep): AnyStep => step

const failing = (step: AnyStep, when: Breakage['when']): AnyStep => ({
  ...alone(step),
  run: async (run) => {
    if (when === 'after') await step.run(run)
    throw new Fault('internal', injected)
  },
})

/** The catalogue with every step as `change` makes it. */
export const catalogueOf = (change: (flow: AnyFlow, step: AnyStep, index: number) => AnyStep): ReadonlyMap<string, AnyFlow> =>
  new Map(
    [...flowCatalogue].map(([name, flow]) => [
      name,
      { ...flow, steps: flow.steps.map((step: AnyStep, index: number) => change(flow, step, index)) },
    ]),
  )

export interface Broken {
  readonly cloud: Cloud
  readonly fault: Fault | undefined
  readonly findings: readonly string[]
}

/** Runs a flow whose every step and undo is done twice. */
export const repeatsEveryStep = (flow: string): Promise<Broken> =>
  run(
    flow,
    catalogueOf((_, step) => twice(step)),
  )

/** Runs a flow as it is. */
export const runsPlainly = (flow: string): Promise<Broken> => run(flow, flowCatalogue)

/** Runs a flow of which one step fails; every undo is done twice. */
export const unwindsFromStep = ({ flow, index, when }: Breakage): Promise<Broken> =>
  run(
    flow,
    catalogueOf(({ name }, step, at) => {
      const base = step.undo && name === flow ? { ...step, undo: undoTwice(step.undo) } : step
      return name === flow && at === index ? failing(base, when) : base
    }),
  )

async function run(flow: string, catalogue: ReadonlyMap<string, AnyFlow>): Promise<Broken> {
  const cloud = await aCloud(hostsFor(flow), { catalogue })
  await before(flow, cloud)
  const error: unknown = await begin(flow, cloud.context).then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (error !== undefined && !(error instanceof Fault)) throw error
  return { cloud, fault: error, findings: await findingsOf(cloud) }
}

/** The broken invariants of a cloud in memory. */
export const findingsOf = (cloud: Cloud, options: Pick<World, 'hostsWereSilent'> = {}): Promise<string[]> =>
  findings({
    silent: cloud.silent,
    ...options,
    store: cloud.context.store,
    settings: cloud.context.settings,
    hostOf: ({ name }) => {
      const host = cloud.hosts.get(name)
      if (host) return host
      throw new Error(`no host ${name}`)
    },
  })
