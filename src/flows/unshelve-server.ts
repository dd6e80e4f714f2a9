import { iso } from '../core/time.ts'
import { activate, type BootState, bootServer, buildSteps } from './boot-server.ts'
import type { Flow, Step, StepResult, StepRun } from './flow.ts'
import { dropUnusedBytes, retireImage } from './image-bytes.ts'
import { changeServer, onHost, restEnds, serverOf } from './server-steps.ts'

/** What an unshelve carries. */
interface ArrivalState {
  /** SHA-256 of the image that held its disk. */
  readonly digest: string | null
  /** It runs and its image may go: nothing is taken back. */
  readonly isUp: boolean
}

/** A server that left its host is built anew. */
export interface UnshelveState extends BootState, ArrivalState {}

/** A step of a boot that keeps what an unshelve carries besides. */
const within = (step: Step<BootState>): Step<UnshelveState> => {
  const { name, undo } = step
  const keeping = (state: UnshelveState, result: StepResult<BootState> | undefined) =>
    result && { ...result, state: { ...state, ...result.state } }
  return {
    name,
    run: async (run) => keeping(run.state, await step.run(run)),
    ...(undo ? { undo: async (run: StepRun<UnshelveState>) => keeping(run.state, await undo(run)) } : {}),
  }
}

function unlessUp<S extends ArrivalState>(step: Step<S>): Step<S> {
  const { undo } = step
  return undo ? { ...step, undo: async (run) => (run.state.isUp ? undefined : undo(run)) } : step
}

/** In one transaction: the server runs, and its image is deleted. */
const arrive = <S extends ArrivalState>(): Step<S> => ({
  name: 'arrive',
  async run({ state, serverId, tools }) {
    const at = iso(tools.clock.wall())
    return {
      state: { ...state, isUp: true },
      async commit(tx) {
        const { shelved } = await serverOf(tx, serverId)
        if (shelved) await retireImage(tx, shelved.imageId, at)
        await changeServer(tx, serverId, { vmState: 'active', powerState: 'running', shelved: null, launchedAt: at })
      },
    }
  },
})

/** The host keeps what the disk stands on. */
const drop = <S extends ArrivalState>(): Step<S> => ({
  name: 'drop',
  async run({ state, requestId, tools }) {
    const author = { actor: 'system', request: requestId, action: 'image.delete' }
    if (!tools.plan && state.digest !== null) await dropUnusedBytes(tools, state.digest, author)
    return undefined
  },
})

/** The steps of a boot, from the image that held its disk → arrive → drop that image. */
export const unshelveServer: Flow<UnshelveState> = {
  name: 'unshelve-server',
  action: 'unshelve',
  steps: [...buildSteps.map((step) => unlessUp(within(step))), arrive(), drop()],
  retry: (state, fault, tools) => {
    const again = state.isUp ? undefined : bootServer.retry?.(state, fault, tools)
    return again && { ...state, ...again }
  },
  ...restEnds,
}

const start: Step<ArrivalState> = {
  name: 'start',
  async run(run) {
    await onHost(run, 'start', undefined)
    return { commit: (tx) => changeServer(tx, run.serverId, { powerState: 'running' }) }
  },
  async undo(run) {
    await onHost(run, 'stop', { timeoutMs: 0 })
    return { commit: (tx) => changeServer(tx, run.serverId, { powerState: 'shutdown' }) }
  },
}

/** A server that is still on its host is started there, with the disk that it has. */
export const unshelveHere: Flow<ArrivalState> = {
  name: 'unshelve-here-server',
  action: 'unshelve',
  steps: [unlessUp(start), activate(), arrive(), drop()],
  ...restEnds,
}
