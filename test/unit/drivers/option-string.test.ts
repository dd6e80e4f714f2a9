import { describe, expect, it } from 'vitest'
import { optionString } from '../../../src/drivers/option-string.ts'

describe('optionString', () => {
  it('joins head and fields, with on and off for booleans and nothing for null', () => {
    expect(optionString('socket', { id: 'a', server: true, wait: false, path: null, port: 7 })).toBe(
      'socket,id=a,server=on,wait=off,port=7',
    )
    expect(optionString(null, { size: '64M' })).toBe('size=64M')
  })

  it('lets no value become an option of its own', () => {
    expect(optionString(null, { guest: 'a,process=b,,c' })).toBe('guest=a,,process=b,,,,c')
  })
})
