import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'

/** The text of every program file below some folders. */
export const sourceTexts = (...folders: readonly string[]): string[] =>
  folders.flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((file) => /\.(ts|js|mjs)$/.test(file))
      .map((file) => readFileSync(path.join(folder, file), 'utf8')),
  )
