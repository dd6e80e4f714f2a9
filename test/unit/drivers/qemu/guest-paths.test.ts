import { describe, expect, it } from 'vitest'
import { guestPaths } from '../../../../src/drivers/qemu/guest-paths.ts'

describe('guestPaths', () => {
  it('keeps everything of a guest in its own directory', () => {
    const { cache, directory, ...own } = guestPaths({ instancesPath: '/srv' }, '11111111-2222-4333-8444-555555555555')
    for (const path of Object.values(own)) expect(path.startsWith(`${directory}/`)).toBe(true)
    expect(cache).toBe('/srv/_base')
  })

  it.each(['', '..', '../../etc', '_base', '__proto__', '11111111-2222-4333-8444-55555555555/', 'x'.repeat(5000)])(
    'refuses the id %j',
    (id) => {
      expect(() => guestPaths({ instancesPath: '/srv' }, id)).toThrow(expect.objectContaining({ kind: 'invalid' }))
    },
  )
})
