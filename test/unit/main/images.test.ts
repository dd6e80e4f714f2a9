import { afterEach, beforeEach, expect, it } from 'vitest'
import { openImages } from '../../../src/main/images.ts'
import { defaultSettings } from '../../../src/settings.ts'
import { hostDirectory } from '../../support/host-directory.ts'

let test: ReturnType<typeof hostDirectory>
beforeEach(() => {
  test = hostDirectory()
})
afterEach(() => test.cleanup())

it('the path of an image is there at once, as what is sent to a host needs it; nothing is opened for it', async () => {
  const images = openImages({ stateDirectory: test.root, store: {} as never, settings: () => defaultSettings })
  const digest = 'a'.repeat(64)
  expect(images.store.path(digest)).toBe(`${test.root}/images/${digest}`)
  expect(() => images.store.path('../x')).toThrow('is not a SHA-256')
  expect(await images.service()).toBeUndefined()
  expect(await images.store.has(digest)).toBe(false)
})
