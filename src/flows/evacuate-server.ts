import type { Server } from '../model/server.ts'
import type { Flow, Step, StepRun } from './flow.ts'
import { cacheImages, configDriveStep, needRunning, specOfServer } from './guest-steps.ts'
import { needNoCopy, withPort } from './moving.ts'
import { changeServer, onHostNamed, runsAsBefore, serverOf, setFault } from './server-steps.ts'
import { needSilence } from './silent-host.ts'

/** What an evacuation carries from step to step. */
export interface EvacuationState {
  /** The host that is off. */
  readonly sourceHost: string
  readonly destHost: string
  /** Who checked that it is off, and how: the operator's own words. */
  readonly evidence: string
  /** The server stays stopped when it was. */
  readonly wasStopped: boolean
  /** As they were, for the undo. */
  readonly nics: Server['nics']
  readonly rootImageId: Server['rootImageId']
}

type Run = StepRun<EvacuationState>

const hostIsSilent = ({ tools, state, signal }: Run) => needSilence(tools.compute, state.sourceHost, signal)

/** What is on the disks of a dead host stays there. */
async function lostDisks({ tools, serverId, state }: Run): Promise<string[]> {
  const { disks } = await tools.store.read((reader) => serverOf(reader, serverId))
  const names = disks.map(({ name }) => name).join(', ')
  return disks.length === 0 ? [] : [`# extra disks are made anew, empty; their content is on ${state.sourceHost} only: ${names}`]
}

/** The record names the new host since the request; the undo names the old one again. What was said and seen stays among the events. */
const checkSource: Step<EvacuationState> = {
  name: 'check-source',
  async run(run) {
    const { sourceHost, evidence } = run.state
    run.commands([
      `# ${sourceHost} does not answer: ${await hostIsSilent(run)}`,
      `# checked to be off: ${evidence.replace(/\s+/g, ' ')}`,
      ...(await lostDisks(run)),
    ])
    // What fails later is taken back by removing all that the new host has of the server.
    await needNoCopy(run, run.state.destHost)
    return undefined
  },
  async undo({ serverId, state: { sourceHost, nics, rootImageId } }) {
    return { commit: (tx) => changeServer(tx, serverId, { host: sourceHost, nics, rootImageId }) }
  },
}

/** Everything that was made on the new host goes; repeated for a step that failed half-way. */
const removeGuest = async (run: Run): Promise<undefined> => {
  await onHostNamed(run, run.state.destHost, 'destroy', undefined)
  return undefined
}

const network: Step<EvacuationState> = {
  name: 'network',
  async run(run) {
    const sshPort = await onHostNamed(run, run.state.destHost, 'reservePort', undefined)
    return {
      async commit(tx) {
        const nics = withPort(await serverOf(tx, run.serverId), sshPort)
        await changeServer(tx, run.serverId, { nics, taskState: 'rebuild_block_device_mapping' })
      },
    }
  },
  undo: removeGuest,
}

/** Kept by undo: the cache belongs to the host, not to the server. */
const image: Step<EvacuationState> = { name: 'image', run: cacheImages }

const disks: Step<EvacuationState> = {
  name: 'disks',
  async run(run) {
    await onHostNamed(run, run.state.destHost, 'createDisks', { spec: await specOfServer(run) })
    return undefined
  },
  undo: removeGuest,
}

/** The old host is asked once more: a copy starts only while that one is silent. */
const spawn: Step<EvacuationState> = {
  name: 'spawn',
  async run(run) {
    const { destHost } = run.state
    await hostIsSilent(run)
    await onHostNamed(run, destHost, 'spawn', { spec: await specOfServer(run) })
    const guest = await onHostNamed(run, destHost, 'inspect', undefined)
    needRunning(run, guest)
    return undefined
  },
  undo: removeGuest,
}

/** As Nova does it: a guest is made by starting it, and one that was stopped is stopped again. */
const powerOff: Step<EvacuationState> = {
  name: 'power-off',
  async run(run) {
    if (run.state.wasStopped) await onHostNamed(run, run.state.destHost, 'stop', { timeoutMs: 0 })
    return undefined
  },
}

/**
 * The same server, id and addresses on another host, with fresh disks from its image: those on the dead host are not recovered.
 * The old copy is fenced by this flow's epoch; the doctor destroys it when its host returns.
 */
export const evacuateServer: Flow<EvacuationState> = {
  name: 'evacuate-server',
  action: 'evacuate',
  steps: [checkSource, network, image, disks, configDriveStep('rebuild_spawning'), spawn, powerOff],
  async finish(tx, state, server, tools) {
    if (server) await runsAsBefore(tx, server.id, state.wasStopped, tools)
  },
  async giveUp(tx, _, server, fault, tools) {
    if (server) await changeServer(tx, server.id, { taskState: null, ...setFault(fault, tools) })
  },
}
