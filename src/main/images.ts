/** The composition root's side of the images of a process with records: a directory of its own, and among other services theirs. */
import type { Bus } from '../bus/bus.ts'
import { imagePath } from '../image/image-path.ts'
import type { ImageStore } from '../image/store.ts'
import { lazily } from '../lazily.ts'
import type { Settings } from '../settings.ts'
import type { Store } from '../state/store.ts'
import { systemClock as clock } from '../system/clock.ts'
import { systemRandom as random } from '../system/random.ts'
import type { ServiceImages } from './service-images.ts'

export interface ImagesOptions {
  readonly stateDirectory: string
  readonly store: Store
  readonly settings: () => Settings
  /** Set among other services. */
  readonly bus?: Bus | undefined
  readonly note?: ((message: string) => void) | undefined
}

export interface Images {
  readonly store: ImageStore
  /** Undefined in a process that is no service among others. */
  service(): Promise<ServiceImages | undefined>
}

export function openImages(options: ImagesOptions): Images {
  const { stateDirectory, bus } = options
  const directory = `${stateDirectory}/images`
  let made: Promise<ServiceImages> | undefined
  const service = async () => {
    if (!bus) return undefined
    made ??= amongOthers({ ...options, bus })
    return made
  }
  const open = async () => {
    const { openImageStore } = await import('../image/store.ts')
    return (await service())?.store ?? openImageStore({ directory, clock, random })
  }
  return { service, store: lazily<ImageStore>(open, { path: (digest) => imagePath(directory, digest) }) }
}

async function amongOthers({ stateDirectory, store, settings, bus, note = () => undefined }: ImagesOptions & { bus: Bus }) {
  const [{ serviceImages }, { dropUnusedBytes }, { nameOf }] = await Promise.all([
    import('./service-images.ts'),
    import('../flows/image-bytes.ts'),
    import('./service.ts'),
  ])
  const service = nameOf(settings())
  const author = { actor: service, request: `service-${service}`, action: 'image.delete' }
  return serviceImages({
    ...{ stateDirectory, service, bus, note },
    services: () => imageServices(store),
    settings,
    async tidy(images, old) {
      // What a controller that was away did not hear of.
      for (const digest of old) await dropUnusedBytes({ store, images }, digest, author)
    },
  })
}

/** Services that may have images, whether they are up or not: those that take calls or work flows. */
export const imageServices = async (store: Store): Promise<string[]> =>
  (await store.read((reader) => reader.list('services')))
    .filter(({ roles }) => roles.includes('api') || roles.includes('conductor'))
    .map(({ id }) => id)
