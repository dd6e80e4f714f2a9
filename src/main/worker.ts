/** A compute worker: the hosts that it serves over the bus, and a daemon that does nothing else and has no key to the records. */
import type { Bus, Serve } from '../bus/bus.ts'
import { asFault, Fault } from '../core/fault.ts'
import { sshHosts } from '../hosts/ssh-hosts.ts'
import type { HostRecord } from '../model/host.ts'
import type { Settings } from '../settings.ts'
import { systemClock as clock } from '../system/clock.ts'
import { agentFor, type Fleet } from './compute.ts'
import type { ServiceImages } from './service-images.ts'

export interface Worker {
  /** Calls under way. */
  readonly running: number
  stop(): void
  /** Resolves when no call runs any more. */
  end(): Promise<void>
}

export interface WorkerOptions {
  readonly bus: Bus
  readonly settings: Pick<Settings, 'daemonHosts' | 'daemonDrainSeconds'>
  readonly stateDirectory: string
  recordOf(name: string): Promise<HostRecord | undefined>
  readonly images?: ServiceImages | undefined
  /** Told of every call that has ended. */
  ended?(method: string, fault: Fault | undefined, ms: number): void
}

/** Milliseconds that a host's record is believed; its driver and address hardly ever change. */
const recordMs = 5000

/** Serves `compute.<host>` for every host of the settings. */
export function serveHosts({ bus, settings, stateDirectory, recordOf, images, ended }: WorkerOptions): Worker {
  const remote = sshHosts({ stateDirectory, clock })
  let running = 0
  const serve = (name: string): Serve => {
    const agent = agentOf(name, { recordOf, remote, images, plans: new Map() })
    return async (message, signal, report) => {
      running += 1
      const began = clock.monotonic()
      let fault: Fault | undefined
      try {
        return await (await agent())(message, signal, report)
      } catch (error) {
        fault = asFault(error)
        throw error
      } finally {
        running -= 1
        ended?.(message.method, fault, clock.monotonic() - began)
      }
    }
  }
  const stops = settings.daemonHosts.map((name) => bus.serve(`compute.${name}`, serve(name)))
  return {
    get running() {
      return running
    },
    stop() {
      for (const stop of stops) stop()
    },
    async end() {
      for (const end = clock.monotonic() + settings.daemonDrainSeconds * 1000; running > 0 && clock.monotonic() < end; )
        await clock.sleep(20)
      await remote.close()
    },
  }
}

/** The agent of a host, made again when its record is old. */
function agentOf(name: string, fleet: Fleet): () => Promise<Serve> {
  let made: { readonly agent: Promise<Serve>; readonly at: number } | undefined
  return () => {
    if (made && clock.monotonic() - made.at < recordMs) return made.agent
    const agent = agentFor(`compute.${name}`, fleet).then((found) => {
      if (found) return found
      throw new Fault('not-found', `host ${name} is not known`)
    })
    made = { agent, at: clock.monotonic() }
    agent.catch(() => {
      made = undefined
    })
    return agent
  }
}
