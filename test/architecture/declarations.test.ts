/** Every action is complete: named by its path, limited in every input, reachable by a command. */
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import type { AnyAction } from '../../src/core/action.ts'
import { fieldsOf } from '../../src/core/schema.ts'

const root = path.resolve(import.meta.dirname, '../..')
const listed = (folder: string) =>
  readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'))

const isAction = (value: unknown): value is AnyAction =>
  typeof value === 'object' && value !== null && 'run' in value && 'effect' in value && 'input' in value

const actions = (
  await Promise.all(
    listed('src/actions').map(async (file) => {
      const exports: Record<string, unknown> = await import(path.join(root, 'src/actions', file))
      return Object.values(exports)
        .filter(isAction)
        .map((action) => ({ action, file }))
    }),
  )
).flat()

const commandTexts = listed('src/commands').map((file) => readFileSync(path.join(root, 'src/commands', file), 'utf8'))

describe('actions', () => {
  it('are there', () => expect(actions.length).toBeGreaterThan(60))

  it.each(actions)('$file is named by its path', ({ action, file }) => {
    expect(action.name).toBe(file.replace(/\.ts$/, '').replace('/', '.'))
    expect(action.summary).toMatch(/^[a-z].*[^.]$/)
  })

  it.each(actions)('$action.name has a maximum on every input', ({ action }) => {
    const unlimited = fieldsOf(action.input)
      .filter((field) => !['boolean', 'enum'].includes(field.kind) && field.maximum === undefined)
      .map((field) => field.name)
    expect(unlimited).toEqual([])
  })

  it.each(actions)('$action.name says what each input is', ({ action }) => {
    expect(
      fieldsOf(action.input)
        .filter((field) => field.description === '')
        .map((field) => field.name),
    ).toEqual([])
  })

  it.each(actions)('$file has a command', ({ file }) => {
    const path = `actions/${file}`
    expect(commandTexts.some((text) => text.includes(`'${path.replace(/^/, '../')}'`) || text.includes(path))).toBe(true)
  })
})
