/** Every link between the pages leads somewhere, and no page speaks of one machine. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'

const root = path.resolve(import.meta.dirname, '../../..')
const files = [
  ...readdirSync(root).filter((name) => name.endsWith('.md')),
  ...readdirSync(path.join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
]
const read = (file: string) => readFileSync(path.join(root, file), 'utf8')

/** The anchors of a page, as they are made from its headings. */
const anchors = (file: string) =>
  [...read(file).matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replace(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  )

describe('pages', () => {
  it.each(files)('%s has no dead link', (file) => {
    const dead = [...read(file).matchAll(/\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)/g)].filter(([, target = '', anchor]) => {
      const found = target === '' ? file : path.join(path.dirname(file), target)
      if (!existsSync(path.join(root, found))) return true
      return anchor !== undefined && !anchors(found).includes(anchor)
    })
    expect(dead.map(([link]) => link)).toEqual([])
  })

  it.each(files)('%s names no machine', (file) => {
    expect(read(file).match(/(?<![\w~.])\/(home|root|work|Users)\/[^\s`]*|\blocalhost:\d+|registry\.[\w.]+/g)).toBeNull()
  })

  it('are at most 40 lines for each decision', () => {
    const long = files.filter((file) => file.startsWith('docs/adr/') && read(file).split('\n').length > 41)
    expect(long).toEqual([])
  })
})
