/** The composition root's side of images among several services: their directories, and what they ask each other over the bus. */
import type { Bus, Serve } from '../bus/bus.ts'
import { asFault, Fault } from '../core/fault.ts'
import { parse, z } from '../core/schema.ts'
import type { GuestImage } from '../drivers/driver.ts'
import type { WriteLocal } from '../hosts/download.ts'
import { type ImageExchange, imageExchange } from '../image/image-exchange.ts'
import { imagePeers } from '../image/image-peers.ts'
import { imageAnswers, imageTopic, type OwnFiles } from '../image/parts.ts'
import { type ImageStore, openImageStore } from '../image/store.ts'
import type { Settings } from '../settings.ts'
import { systemClock as clock } from '../system/clock.ts'
import { systemRandom as random } from '../system/random.ts'

export interface ServiceImages {
  /** The name of this service. */
  readonly service: string
  /** The store that this service shows its actions and flows. */
  readonly store: ImageStore
  /** A file with the image's bytes, `localPath` when that is one. Faults name the image and the services that were asked. */
  supply(image: GuestImage, localPath: string, onProgress?: (done: number, total: number) => void): Promise<string>
  readonly forget: ImageExchange['forget']
  /** Takes what a host sends for the image whose arrival `localPath` names. */
  readonly receive: WriteLocal
  /** Answers other services, and removes what is old, until it is stopped. */
  serve(): () => void
}

export interface ServiceImagesOptions {
  readonly stateDirectory: string
  readonly service: string
  readonly bus: Bus
  /** Services that may have images. */
  services(): Promise<readonly string[]>
  readonly settings: () => Pick<Settings, 'removeUnusedOriginalMinimumAge'>
  readonly note: (message: string) => void
  /** Looks after files that have been there for long, in a service that has the records. */
  readonly tidy?: (images: ImageStore, old: readonly string[]) => Promise<void>
}

const tidyMs = 3_600_000

export function serviceImages(options: ServiceImagesOptions): ServiceImages {
  const { stateDirectory, service, bus, note } = options
  const files: OwnFiles = {
    images: openImageStore({ directory: `${stateDirectory}/images`, clock, random }),
    copies: openImageStore({ directory: `${stateDirectory}/image-copies`, clock, random }),
  }
  const exchange = imageExchange({
    ...files,
    note,
    peers: imagePeers({ ask: (to, message, deadlineMs) => bus.request(imageTopic(to), message, { deadlineMs }), clock }),
    others: async () => (await options.services()).filter((name) => name !== service),
    unusedForSeconds: () => options.settings().removeUnusedOriginalMinimumAge,
  })
  const answer: Serve = imageAnswers(files)
  return {
    service,
    store: exchange.store,
    forget: exchange.forget,
    async supply({ id, digest }, localPath, onProgress) {
      // Where the conductor has it, when both have the same directory by the same name.
      if (!(await files.images.has(digest)) && (await isFile(localPath))) return localPath
      return exchange.file(digest, onProgress).catch((error: unknown) => {
        if (!(error instanceof Fault)) throw error
        const { kind, message, hint, details } = error
        throw new Fault(kind, `image ${id} for ${service}: ${message}`, { details, cause: error, ...(hint ? { hint } : {}) })
      })
    },
    async receive(localPath, source) {
      const { writeLocal } = await import('../hosts/local-stream.ts')
      return writeLocal('controller', await files.images.incoming(arrivalOf(localPath)), source)
    },
    serve() {
      const stop = bus.serve(imageTopic(service), answer)
      const look = async () => {
        await exchange.prune()
        await options.tidy?.(exchange.store, await files.images.old())
      }
      const timer = setInterval(() => void look().catch((error) => note(`looking for old images failed: ${error}`)), tidyMs)
      return () => {
        clearInterval(timer)
        stop()
      }
    },
  }
}

const isFile = async (path: string) =>
  (await (await import('node:fs/promises')).stat(path).catch(() => undefined))?.isFile() ?? false

/** The id of the image whose bytes a conductor awaits in that file. */
const arrivalOf = (localPath: string) => localPath.slice(-36)

const names = z.array(z.string().max(255))

/** Has a conductor say which services may have images, for a service without records. Fault `unsupported` for an older conductor. */
export const askImageServices = (ask: (method: string, args: unknown) => Promise<unknown>) => async (): Promise<string[]> => {
  try {
    return parse(names, await ask('imageServices', null))
  } catch (error) {
    const fault = asFault(error)
    // An older one takes the question for a report.
    if (fault.kind !== 'invalid' && fault.kind !== 'unsupported') throw fault
    throw new Fault('unsupported', 'the conductor that was asked is older and does not know which services have images', {
      hint: 'start the conductors with the newer program, or share the directory images: nova daemon upgrade --plan',
      cause: fault,
    })
  }
}
