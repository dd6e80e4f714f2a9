/** The doors of a daemon: its socket always, HTTPS and the metrics when the settings name an address. */
import { userInfo } from 'node:os'
import { authenticator } from '../api/authenticate.ts'
import type { HttpsDoor } from '../api/https-door.ts'
import type { ApiLog } from '../api/log.ts'
import type { MetricsDoorOptions } from '../api/metrics-door.ts'
import { type Door, openSocketDoor } from '../api/socket-door.ts'
import { asFault, Fault } from '../core/fault.ts'
import type { Settings } from '../settings.ts'
import { systemClock as clock } from '../system/clock.ts'
import { systemFs } from '../system/fs.ts'
import type { Core } from './core.ts'
import type { About, Desk } from './desk.ts'

export interface Doors {
  /** Reads the certificate and its key again. Fault `invalid` for what cannot be used; the old pair then stays. */
  renew(): void
  /** Where each door is, for the log. */
  readonly names: readonly string[]
  stopListening(): void
  close(): Promise<void>
}

interface DoorsOptions {
  readonly core: Core
  readonly desk: Desk
  readonly log: ApiLog
  readonly about: About
}

/** Opens all doors or none. Fault `invalid` for an address or certificate that cannot be used. */
export async function openDoors({ core, desk, log, about }: DoorsOptions): Promise<Doors> {
  const { settings } = core
  const common = {
    dispatcher: desk.dispatcher,
    log,
    maxConnections: settings.rpcMaxConnections,
    idleSeconds: settings.rpcIdleSeconds,
  }
  const closing: (() => Promise<void>)[] = []
  const doors: Door[] = []
  let renew = () => {}
  try {
    doors.push(await openSocketDoor({ ...common, path: about.socket, owner: userInfo().username }))
    if (settings.httpsListen !== '') {
      const https = await openHttps(core, common)
      doors.push(https)
      renew = () => https.renew(pairOf(core.settings))
    }
    if (settings.metricsListen !== '') closing.push(await openMetrics(settings.metricsListen, desk))
  } catch (error) {
    await Promise.all([...doors.map((door) => door.close()), ...closing.map((close) => close())])
    throw error
  }
  desk.connections = () => doors.reduce((sum, door) => sum + door.connections, 0)
  return {
    renew: () => {
      try {
        renew()
      } catch (error) {
        throw new Fault('invalid', `httpsCertificate ${core.settings.httpsCertificate}: ${asFault(error).message}`, {
          cause: error,
        })
      }
    },
    names: [about.socket, settings.httpsListen, settings.metricsListen].filter((name) => name !== ''),
    stopListening: () => {
      for (const door of doors) door.stopListening()
    },
    close: async () => {
      await Promise.all([...doors.map((door) => door.close()), ...closing.map((close) => close())])
    },
  }
}

async function openHttps(core: Core, common: Omit<Parameters<typeof openSocketDoor>[0], 'path' | 'owner'>): Promise<HttpsDoor> {
  const { openHttpsDoor } = await import('../api/https-door.ts')
  const { settings } = core
  const guard = authenticator({ store: core.store, clock, failuresPerMinute: () => core.settings.tokenFailuresPerMinute })
  const pair = pairOf(settings)
  return listening('httpsListen', settings.httpsListen, () =>
    openHttpsDoor({ ...common, ...pair, listen: settings.httpsListen, authenticator: guard }),
  )
}

const pairOf = (settings: Settings) => ({
  certificate: readPem('httpsCertificate', settings),
  key: readPem('httpsKey', settings),
})

/** The metrics on loopback; resolves with what closes them. */
export async function openMetrics(
  listen: string,
  desk: Pick<MetricsDoorOptions, 'health' | 'metrics'>,
): Promise<() => Promise<void>> {
  if (!/^(127\.|\[?::1\]?:|localhost:)/.test(listen))
    throw new Fault('invalid', `metricsListen is ${listen}: without TLS and tokens it must be an address of loopback`)
  const { openMetricsDoor } = await import('../api/metrics-door.ts')
  const door = await listening('metricsListen', listen, () =>
    openMetricsDoor({ listen, health: desk.health, metrics: desk.metrics }),
  )
  return door.close
}

/** What the system says of an address, with the setting that named it. */
const listening = <T>(setting: string, listen: string, open: () => Promise<T>): Promise<T> =>
  open().catch((error: unknown) => {
    throw new Fault('invalid', `${setting} ${listen}: ${asFault(error).message}`, { cause: error })
  })

function readPem(setting: 'httpsCertificate' | 'httpsKey', settings: Settings): string {
  const file = settings[setting]
  if (file === '') throw new Fault('invalid', `httpsListen needs ${setting}, the PEM file`)
  try {
    return systemFs.readFile(file).toString('utf8')
  } catch (error) {
    throw new Fault('invalid', `${setting} ${file}: ${asFault(error).message}`, { cause: error })
  }
}
