/** The bytes of images that other services have: found by asking all of them, read in parts with a few under way. */
import { asFault, Fault } from '../core/fault.ts'
import type { Clock } from '../core/ports.ts'
import { type ImageQuestions, partBytes, type WantedBytes } from './parts.ts'

/** Asks a service over the bus. */
export type AskService = (service: string, message: { method: string; args: unknown }, deadlineMs: number) => Promise<unknown>

export interface Holder {
  readonly service: string
  /** Bytes. */
  readonly size: number
}

export interface ImagePeers {
  /**
   * Services that have all of it. Faults: `not-found` when all others say that they have not, `unreachable` when those that might
   * have it did not answer within the time.
   */
  locate(of: WantedBytes, wanted: Pick<Wanted, 'what' | 'services'>, withinMs: number): Promise<readonly Holder[]>
  /** The bytes in order, from one holder after another until they are there. Faults: `not-found`, `unreachable`. */
  read(of: WantedBytes, wanted: Wanted): AsyncGenerator<Uint8Array>
  /** Tells services that the bytes are not needed any more; resolves with those that were not told. */
  drop(of: WantedBytes, services: readonly string[]): Promise<string[]>
}

export interface Wanted {
  /** Names the bytes in faults. */
  readonly what: string
  readonly from: Holder
  /** Where they may be; asked again when a holder fails. */
  services(): Promise<readonly string[]>
  onProgress?(done: number, total: number): void
}

/** Milliseconds for a question; a service that is there answers from memory and one look at a directory. */
const askMs = 5000
/** Milliseconds for a part, beside a broker that is started again. */
const partMs = 20_000
/** Milliseconds that services which are gone have to come back. */
export const patienceMs = 10_000
/** The same for a broker. */
const brokerMs = 300_000
/** Failures without a byte between them, after which it is given up. */
const mostFailures = 10
const pauseMs = 500
const hint = 'nova service list tells which are up; one of an older version answers for no images'
/** Parts under way: they hide the way to the holder and back, and bound what waits in memory. */
const underWay = 4

export function imagePeers({ ask, clock }: { readonly ask: AskService; readonly clock: Clock }): ImagePeers {
  const question = <M extends keyof ImageQuestions>(service: string, method: M, args: ImageQuestions[M][0], ms: number) =>
    ask(service, { method, args }, ms) as Promise<ImageQuestions[M][1]>

  async function find(of: WantedBytes, services: readonly string[]) {
    const answers = await Promise.all(
      services.map(async (service) => {
        const size = await question(service, 'size', { of }, askMs).catch(asFault)
        return { service, size }
      }),
    )
    return {
      holders: answers.flatMap(({ service, size }) => (typeof size === 'number' ? [{ service, size }] : [])),
      silent: answers.flatMap(({ service, size }) => (size instanceof Fault ? [{ service, fault: size }] : [])),
    }
  }

  async function locate(of: WantedBytes, { what, services }: Pick<Wanted, 'what' | 'services'>, withinMs: number) {
    for (const began = clock.monotonic(); ; await clock.sleep(pauseMs)) {
      const asked = await services()
      const { holders, silent } = await find(of, asked)
      if (holders.length > 0) return holders
      if (silent.length === 0)
        throw new Fault('not-found', `${what} is with none of ${asked.length} other services: ${asked.join(', ')}`)
      // Nobody is gone whose broker is away.
      const isBrokerAway = silent.some(({ fault }) => fault.kind === 'timeout')
      if (clock.monotonic() - began < (isBrokerAway && withinMs > 0 ? brokerMs : withinMs)) continue
      const said = silent.map(({ service, fault }) => `${service} does not answer: ${fault.message}`)
      throw new Fault('unreachable', `${what} is not here, and ${said.join(', ')}`, { hint })
    }
  }

  /** Parts from `from` on, each a promise that fails in its turn. */
  async function* parts(of: WantedBytes, { service, size }: Holder, from: number): AsyncGenerator<Uint8Array> {
    const waiting: Promise<Uint8Array>[] = []
    let next = from
    const more = () => {
      const length = Math.min(partBytes, size - next)
      if (length <= 0) return
      const part = question(service, 'part', { of, offset: next, length }, partMs).then((bytes) => whole(bytes, length, service))
      // Looked at when its turn comes; until then it is nobody's failure.
      part.catch(() => undefined)
      waiting.push(part)
      next += length
    }
    for (let count = 0; count < underWay; count += 1) more()
    for (let part = waiting.shift(); part; part = waiting.shift()) {
      const bytes = await part
      more()
      yield bytes
    }
  }

  async function* read(of: WantedBytes, wanted: Wanted): AsyncGenerator<Uint8Array> {
    const { size } = wanted.from
    let holder = wanted.from
    let failures = 0
    for (let done = 0; done < size; ) {
      try {
        for await (const part of parts(of, holder, done)) {
          done += part.length
          failures = 0
          wanted.onProgress?.(done, size)
          yield part
        }
      } catch (error) {
        failures += 1
        const reason = `${done} of ${size} bytes came from ${holder.service}, then: ${asFault(error).message}`
        if (failures > mostFailures) throw new Fault('unreachable', `${wanted.what}: ${reason}`)
        holder = await another(of, wanted, holder, reason)
      }
    }
  }

  /** Who goes on after a failure: another holder before the same one again. */
  async function another(of: WantedBytes, wanted: Wanted, failed: Holder, reason: string): Promise<Holder> {
    await clock.sleep(pauseMs)
    const holders = await locate(of, wanted, patienceMs).catch((error: unknown) => {
      throw new Fault('unreachable', `${wanted.what}: ${reason}; now ${asFault(error).message}`, { hint })
    })
    const whole = holders.filter(({ size }) => size === failed.size)
    const next = whole.find(({ service }) => service !== failed.service) ?? whole[0]
    if (next) return next
    throw new Fault('conflict', `${wanted.what}: ${reason}; what others have is of another size`)
  }

  return {
    locate,
    read,
    async drop(of, services) {
      const told = services.map(async (service) => {
        const isTold = await question(service, 'drop', { of }, askMs).then(
          () => true,
          () => false,
        )
        return isTold ? [] : [service]
      })
      return (await Promise.all(told)).flat()
    },
  }
}

function whole(bytes: Uint8Array, length: number, service: string): Uint8Array {
  if (bytes.length === length) return bytes
  throw new Fault('conflict', `service ${service} sent ${bytes.length} of ${length} bytes: the file became shorter`)
}
