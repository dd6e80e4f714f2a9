/** The pages as a folder: written, or compared with what is there. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { madeMark, type Page } from './page.ts'

/** Pages that are missing, differ, or are left over from something that is gone; by path below the folder. */
export function stalePages(folder: string, pages: readonly Page[]): string[] {
  const wrong = pages.filter(({ path: file, text }) => contentOf(path.join(folder, file)) !== text).map(({ path: file }) => file)
  return [...wrong, ...leftOver(folder, pages)].sort()
}

/** Makes the folder hold these pages, those that people wrote, and nothing else; the paths that changed. */
export function writePages(folder: string, pages: readonly Page[]): string[] {
  const changed = stalePages(folder, pages)
  for (const { path: file, text } of pages) {
    const target = path.join(folder, file)
    mkdirSync(path.dirname(target), { recursive: true })
    writeFileSync(target, text)
  }
  for (const file of leftOver(folder, pages)) rmSync(path.join(folder, file))
  return changed
}

const contentOf = (file: string) => (existsSync(file) ? readFileSync(file, 'utf8') : undefined)

function leftOver(folder: string, pages: readonly Page[]): string[] {
  if (!existsSync(folder)) return []
  const wanted = new Set(pages.map(({ path: file }) => file))
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)))
    .filter((file) => !wanted.has(file) && isMade(path.join(folder, file)))
}

/** Pages that people wrote stand beside those that are made. */
const isMade = (file: string) => !file.endsWith('.md') || readFileSync(file, 'utf8').includes(madeMark)
