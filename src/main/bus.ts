/** The composition root's side of the message queue: the broker that the settings name, with the password that they must not hold. */
import type { RabbitBus } from '../bus/rabbitmq.ts'
import { Fault } from '../core/fault.ts'
import { Secret } from '../core/secret.ts'
import { systemClock as clock } from '../system/clock.ts'
import { systemFs as fs } from '../system/fs.ts'
import { systemRandom as random } from '../system/random.ts'

export interface BusOptions {
  readonly url: string
  readonly stateDirectory: string
  readonly note: (message: string) => void
}

/** Connects; `unreachable` when the broker does not answer within `patienceMs`, for brokers that start together with the daemon. */
export async function openBus({ url, stateDirectory, note }: BusOptions, patienceMs = 120_000): Promise<RabbitBus> {
  const { openRabbitBus } = await import('../bus/rabbitmq.ts')
  const password = passwordOf(stateDirectory)
  for (const end = clock.monotonic() + patienceMs; ; await clock.sleep(500)) {
    try {
      return await openRabbitBus({ url, password, clock, random, fs, note })
    } catch (error) {
      const isAway = error instanceof Fault && error.kind === 'unreachable'
      if (!isAway || clock.monotonic() > end) throw error
    }
  }
}

/** From the environment, or from a file that nobody else may read. */
function passwordOf(stateDirectory: string): Secret | undefined {
  const said = process.env.NOVA_BUS_PASSWORD
  if (said !== undefined) return new Secret(said)
  const file = `${stateDirectory}/bus-password`
  if (!fs.exists(file)) return undefined
  if ((fs.stat(file).mode & 0o077) !== 0)
    throw new Fault('forbidden', `${file} can be read by others`, { hint: `chmod 600 ${file}` })
  return new Secret(fs.readFile(file).toString('utf8').trim())
}
