/** Services on one bus, each with directories of its own for images. */
import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import type { Bus, BusMessage } from '../../src/bus/bus.ts'
import { localBus } from '../../src/bus/local.ts'
import type { Clock } from '../../src/core/ports.ts'
import { imageExchange } from '../../src/image/image-exchange.ts'
import { imagePeers } from '../../src/image/image-peers.ts'
import { imageAnswers, imageTopic } from '../../src/image/parts.ts'
import { openImageStore } from '../../src/image/store.ts'
import { systemRandom as random } from '../../src/system/random.ts'

export const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

/** What a test does to a question before it is answered: nothing, a fault, or another answer. */
export type Meddle = (service: string, message: BusMessage, answer: () => Promise<unknown>) => Promise<unknown>

export interface ImageServices {
  readonly bus: Bus
  readonly notes: string[]
  /** Every question that came, as `service method`. */
  readonly asked: string[]
  meddle: Meddle
  service(name: string, directory?: string): ReturnType<typeof oneService>
}

/** `names` are the services that may have images. */
export function imageServices(root: string, names: readonly string[], clock: Clock): ImageServices {
  const bus = localBus({ clock })
  const all: ImageServices = {
    bus,
    notes: [],
    asked: [],
    meddle: (_service, _message, answer) => answer(),
    service: (name, directory = `${root}/${name}`) => oneService(all, { name, directory, names, clock }),
  }
  return all
}

interface Options {
  readonly name: string
  readonly directory: string
  readonly names: readonly string[]
  readonly clock: Clock
}

function oneService(all: ImageServices, { name, directory, names, clock }: Options) {
  const [images, copies] = ['images', 'copies'].map((part) => {
    mkdirSync(`${directory}/${part}`, { recursive: true, mode: 0o700 })
    return openImageStore({ directory: `${directory}/${part}`, clock, random })
  }) as [ReturnType<typeof openImageStore>, ReturnType<typeof openImageStore>]
  const exchange = imageExchange({
    ...{ images, copies },
    peers: imagePeers({ ask: (to, message, deadlineMs) => all.bus.request(imageTopic(to), message, { deadlineMs }), clock }),
    others: async () => names.filter((other) => other !== name),
    unusedForSeconds: () => 3600,
    note: (message) => all.notes.push(message),
  })
  const answer = imageAnswers({ images, copies })
  const die = all.bus.serve(imageTopic(name), async (message) => {
    all.asked.push(`${name} ${message.method}`)
    return all.meddle(name, message, () => answer(message))
  })
  const put = (bytes: Uint8Array, digest = sha256(bytes)) => {
    writeFileSync(`${directory}/images/${digest}`, bytes, { mode: 0o600 })
    return digest
  }
  const has = (part: 'images' | 'copies') => readdirSync(`${directory}/${part}`)
  const read = (part: 'images' | 'copies', file: string) => readFileSync(`${directory}/${part}/${file}`)
  return { ...exchange, images, copies, directory, die, put, has, read }
}
