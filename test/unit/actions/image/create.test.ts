import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Context } from '../../../../src/actions/context.ts'
import { create } from '../../../../src/actions/image/create.ts'
import { openImageStore } from '../../../../src/image/store.ts'
import { aContext, faultOf, given, mallory, performed, recordsOf, seenBy } from '../../../support/a-context.ts'
import { anImage } from '../../../support/an-image.ts'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'nk-'))
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

/** A context over a real image store. */
function world(overrides: Partial<Context> = {}) {
  const context = aContext()
  const images = openImageStore({ directory: `${directory}/images`, clock: context.clock, random: context.random })
  return { ...context, images, ...overrides }
}
const stored = () => (directory ? readdirSync(`${directory}/images`) : [])

/** A whole disk with an MBR: two partitions' worth of nothing. */
function aDisk(): Buffer {
  const disk = Buffer.alloc(1024 * 1024)
  disk.writeUInt16LE(0xaa55, 510)
  disk.set([0x80, 0, 2, 0, 0x83, 0, 0, 0, 1, 0, 0, 0, 0xff, 7, 0, 0], 446)
  return disk
}

function aFile(bytes: Uint8Array): string {
  const file = path.join(directory, 'file')
  writeFileSync(file, bytes)
  return file
}

/** What it is, its bytes, what the caller says of it, and the answer. */
const refused: readonly (readonly [string, Buffer, Readonly<Record<string, unknown>>, string])[] = [
  ['a text', Buffer.from('hello, this is no image\n'.repeat(100)), {}, 'not an image'],
  ['nothing', Buffer.alloc(0), {}, 'it is empty'],
  ['another checksum', aDisk(), { checksum: 'f'.repeat(64) }, 'expected is ffff'],
  ['another format', aDisk(), { diskFormat: 'qcow2' }, 'declared as qcow2'],
  ['a bad checksum', aDisk(), { checksum: 'abc' }, 'checksum'],
  ['too much', aDisk(), { small: true }, 'the most is 1000'],
]

describe('image create', () => {
  it('records what the content is, once it is complete', async () => {
    const context = world()
    const made = await performed(
      create,
      { name: 'disk', source: aFile(aDisk()), minDisk: 1, properties: [['__proto__', 'x']] },
      context,
    )
    expect(made).toMatchObject({
      name: 'disk',
      status: 'active',
      format: 'raw',
      size: 1024 * 1024,
      minDisk: 1,
      visibility: 'private',
    })
    expect(Object.entries(Object(made).properties)).toEqual([['__proto__', 'x']])
    expect(stored()).toEqual([Object(made).checksum])
    expect(context.events.at(-1)).toEqual({ type: 'bytes', what: 'image disk', done: 1024 * 1024, total: 1024 * 1024 })
  })

  it('reads standard input', async () => {
    const input = async function* () {
      yield aDisk()
    }
    expect(await performed(create, { name: 'disk', source: '-' }, world({ input }))).toMatchObject({
      format: 'raw',
      status: 'active',
    })
  })

  it('takes the image of that name when asked to, without reading a byte', async () => {
    const context = world()
    await given(context, 'images', anImage())
    expect(await performed(create, { name: 'cirros', source: '/nosuch', orReuse: true }, context)).toMatchObject({ id: 'i1' })
  })

  it.each(refused)('leaves nothing of %s', async (_, bytes, { small, ...change }, message) => {
    const context = world()
    const limited = small ? { ...context, settings: { ...context.settings, maxImageBytes: 1000 } } : context
    const source = aFile(bytes)
    const fault = await faultOf(create, { name: 'disk', source, ...change }, limited)
    expect(fault.kind).toBe('invalid')
    expect(fault.message).toContain(message)
    expect(await recordsOf(context.store, 'images')).toEqual([])
    expect(readdirSync(directory).includes('images') ? stored() : []).toEqual([])
  })

  it.each([
    [{ source: 'relative.img' }, 'invalid', 'no absolute path'],
    [{ source: 'file:///etc/passwd' }, 'invalid', 'no absolute path'],
    [{ source: '-' }, 'unsupported', 'standard input'],
    [{ source: '/nosuch/file' }, 'not-found', '/nosuch/file'],
    [{ source: '/dev/zero' }, 'invalid', 'not a regular file'],
    [{ source: '/x', kernel: 'nosuch' }, 'not-found', 'nosuch'],
    [{ source: 'x'.repeat(4097) }, 'invalid', 'the limit is 4096'],
  ])('refuses %j', async (change, kind, message) => {
    const fault = await faultOf(create, { name: 'disk', ...change }, world())
    expect(fault.kind).toBe(kind)
    expect(fault.message).toContain(message)
  })

  it.each([[{ visibility: 'public' }], [{ allowPrivate: true }]])('lets only admins ask for %j', async (change) => {
    const other = seenBy(aContext(), mallory)
    expect(await faultOf(create, { name: 'disk', source: '/x', ...change }, other)).toMatchObject({ kind: 'forbidden' })
  })

  it('drops the bytes when the record cannot be written', async () => {
    const context = aContext()
    context.images.sources.set('/x', Buffer.from('bytes'))
    const full = new Error('no space')
    const broken = {
      ...context,
      store: { ...context.store, read: context.store.read.bind(context.store), transaction: () => Promise.reject(full) },
    }
    await expect(performed(create, { name: 'disk', source: '/x' }, Object(broken))).rejects.toBe(full)
    expect(context.images.kept.size).toBe(0)
  })

  it('moves no bytes in a plan', async () => {
    const context = world({ plan: true })
    expect(await performed(create, { name: 'disk', source: aFile(aDisk()) }, context)).toMatchObject({
      status: 'queued',
      checksum: null,
    })
    expect(readdirSync(directory)).toEqual(['file'])
  })
})
