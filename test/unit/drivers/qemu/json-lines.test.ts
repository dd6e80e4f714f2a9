import { PassThrough } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { JsonLines } from '../../../../src/drivers/qemu/json-lines.ts'
import { realTime } from '../../../support/host-directory.ts'

const open = () => {
  const stream = new PassThrough()
  return { stream, lines: new JsonLines(stream, realTime, 'the peer') }
}
const next = (lines: JsonLines, ms = 15_000) => lines.next(ms, 'a question')

describe('JsonLines', () => {
  it('puts messages together from pieces and takes them apart from one', async () => {
    const { stream, lines } = open()
    const bytes = Buffer.from('{"a":"é"}\r\n{"b":2}\n{"c"')
    for (const byte of bytes) stream.write(Buffer.from([byte]))
    stream.write(':3}\n')
    expect([await next(lines), await next(lines), await next(lines)].map((message) => [...message])).toEqual([
      [['a', 'é']],
      [['b', 2]],
      [['c', 3]],
    ])
  })

  it('keeps keys that objects of ours could not', async () => {
    const { stream, lines } = open()
    stream.write('{"__proto__":1,"constructor":2}\n')
    expect((await next(lines)).get('__proto__')).toBe(1)
  })

  it.each(['not json', '[1]', '"text"', 'null', '{"a":1'])('gives up on a peer that sends %s', async (line) => {
    const { stream, lines } = open()
    stream.write(`${line}\n`)
    await expect(next(lines)).rejects.toMatchObject({ kind: 'internal', message: expect.stringContaining('not a JSON object') })
    expect(stream.destroyed).toBe(true)
  })

  it('gives up on a line without end', async () => {
    const { stream, lines } = open()
    const waiting = expect(next(lines)).rejects.toMatchObject({ kind: 'internal' })
    for (let megabytes = 0; megabytes < 3 && !stream.destroyed; megabytes += 1) stream.write('x'.repeat(700_000))
    await waiting
  })

  it('says that nothing came in time', async () => {
    await expect(next(open().lines, 10)).rejects.toMatchObject({
      kind: 'timeout',
      message: 'the peer did not answer a question within 10 ms',
    })
  })

  it('hands out what came before the end and then says that the peer is gone', async () => {
    const { stream, lines } = open()
    stream.end('{"a":1}\n')
    expect((await next(lines)).get('a')).toBe(1)
    await expect(next(lines)).rejects.toMatchObject({ kind: 'unreachable' })
  })
})
