import { expect, it } from 'vitest'
import { Frames, FrameTooLong } from '../../../src/api/frames.ts'

it('puts frames together however the bytes are cut', () => {
  const text = '{"a":"ä€𝄞"}\n\n{"b":2}\r\n{"c"'
  const bytes = Buffer.from(text)
  for (let size = 1; size <= bytes.length; size++) {
    const frames = new Frames(64)
    const found: string[] = []
    for (let at = 0; at < bytes.length; at += size) found.push(...frames.take(bytes.subarray(at, at + size)))
    expect(found).toEqual(['{"a":"ä€𝄞"}', '{"b":2}'])
    expect(frames.isOpen).toBe(true)
  }
})

it('keeps no more than the limit of a line without an end', () => {
  const frames = new Frames(10)
  frames.take(Buffer.from('123456789'))
  expect(() => frames.take(Buffer.from('01'))).toThrow(FrameTooLong)
})
