import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { madeMark } from '../../../scripts/docs/page.ts'
import { stalePages, writePages } from '../../../scripts/docs/reference-folder.ts'

const pages = [
  { path: 'one.md', text: 'one\n' },
  { path: 'deep/two.md', text: 'two\n' },
]
let folder = ''
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'nk-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

describe('folder of the reference', () => {
  it('is stale where a page is missing, differs or is left over', () => {
    writePages(folder, pages)
    writeFileSync(path.join(folder, 'one.md'), 'other\n')
    rmSync(path.join(folder, 'deep/two.md'))
    mkdirSync(path.join(folder, 'old'))
    writeFileSync(path.join(folder, 'old/three.md'), `three\n<!-- ${madeMark} -->\n`)
    expect(stalePages(folder, pages)).toEqual(['deep/two.md', 'old/three.md', 'one.md'])
  })

  it('holds the pages and those that people wrote after they were written', () => {
    writeFileSync(path.join(folder, 'old.md'), `old\n<!-- ${madeMark} -->\n`)
    writeFileSync(path.join(folder, 'own.md'), 'written by somebody\n')
    expect(writePages(folder, pages)).toEqual(['deep/two.md', 'old.md', 'one.md'])
    expect(stalePages(folder, pages)).toEqual([])
    expect(readFileSync(path.join(folder, 'deep/two.md'), 'utf8')).toBe('two\n')
    expect(readFileSync(path.join(folder, 'own.md'), 'utf8')).toBe('written by somebody\n')
  })

  it('changes nothing when all is current', () => {
    writePages(folder, pages)
    expect(writePages(folder, pages)).toEqual([])
  })
})
