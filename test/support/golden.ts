/** Compares text with a file of the repository, or writes the file when UPDATE_GOLDEN=1. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'vitest'

/** `path` is below test/golden. */
export function expectGolden(path: string, actual: string): void {
  const file = fileURLToPath(new URL(`../golden/${path}`, import.meta.url))
  if (process.env.UPDATE_GOLDEN === '1') {
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, actual)
  }
  const expected = existsSync(file) ? readFileSync(file, 'utf8') : ''
  expect(actual, `${path} differs; UPDATE_GOLDEN=1 writes it anew`).toBe(expected)
}
