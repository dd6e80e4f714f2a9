import { readdirSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { filterNamed, filters, weigherNamed, weighers } from '../../../src/scheduler/catalogue.ts'
import { defaultSettings } from '../../../src/settings.ts'

const filesIn = (folder: string) => readdirSync(path.join(import.meta.dirname, '../../../src/scheduler', folder)).length

describe('catalogue', () => {
  it('has one entry for each file, all with different names', () => {
    expect(new Set(filters.map(({ name }) => name)).size).toBe(filesIn('filters'))
    expect(new Set(weighers.map(({ name }) => name)).size).toBe(filesIn('weighers'))
  })

  it('knows every name of the default settings', () => {
    expect(defaultSettings.filters.map((name) => filterNamed(name).name)).toEqual(defaultSettings.filters)
    for (const { name } of defaultSettings.weighers) expect(weigherNamed(name).name).toBe(name)
  })

  it('lists the known names and the likely one for a wrong name', () => {
    expect(() => filterNamed('RamFiltre')).toThrow(
      expect.objectContaining({
        kind: 'invalid',
        message: expect.stringMatching(/^unknown filter 'RamFiltre'; known: .*RamFilter/),
        hint: 'did you mean RamFilter?',
      }),
    )
    expect(() => weigherNamed('__proto__')).toThrow(expect.objectContaining({ kind: 'invalid', hint: undefined }))
  })
})
