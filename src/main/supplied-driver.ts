/** A driver in a service among others: images come from whoever has them, and what a host sends stays here until somebody fetches it. */
import { asFault } from '../core/fault.ts'
import type { Driver, GuestImage } from '../drivers/driver.ts'
import type { ServiceImages } from './service-images.ts'

type Progress = (done: number, total: number) => void

export function suppliedDriver(driver: Driver, images: Pick<ServiceImages, 'service' | 'supply' | 'forget'>): Driver {
  const { cacheImage, snapshot } = driver
  const cached = (image: GuestImage, localPath: string, onProgress: Progress | undefined) =>
    cacheImage?.(image, () => images.supply(image, localPath, onProgress), onProgress) ?? Promise.resolve()
  return {
    ...driver,
    ...(cacheImage && {
      async cacheImage(image: GuestImage, file, onProgress) {
        if (typeof file !== 'string') return cacheImage(image, file, onProgress)
        await cached(image, file, onProgress).catch(async (error: unknown) => {
          // The host got other bytes than the record says: a copy that a disk damaged is fetched once more.
          if (asFault(error).kind !== 'conflict' || !(await images.forget(image.digest))) throw error
          await cached(image, file, onProgress)
        })
      },
    }),
    ...(snapshot && {
      async snapshot(id, localPath, options, onProgress) {
        const arrived = await snapshot(id, localPath, options, onProgress)
        return { ...arrived, service: images.service }
      },
    }),
  }
}
