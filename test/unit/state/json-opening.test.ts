import { chmodSync, existsSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Fs } from '../../../src/core/ports.ts'
import { systemFs } from '../../../src/system/fs.ts'
import { aDirectory, addKeypair, aStore, author, contentsOf } from './store-for-tests.ts'

const newest = (directory: string, options = {}) => contentsOf(aStore(directory, options))

describe('opening a state directory', () => {
  it('touches nothing before it is asked, and creates nothing for a read', async () => {
    const directory = join(aDirectory(), 'state')
    const untouchable = new Proxy(systemFs, {
      get: (_, call) => {
        throw new Error(`${String(call)} was called`)
      },
    })
    aStore(directory, { fs: untouchable })
    expect(await newest(directory)).toEqual({ revision: 0, keypairs: [] })
    expect(existsSync(directory)).toBe(false)
  })

  it('creates directories for the owner alone, and files too', async () => {
    const directory = join(aDirectory(), 'deep', 'state')
    const store = aStore(directory)
    await addKeypair(store, 'a')
    await store.compact({ force: true })
    expect(statSync(directory).mode & 0o777).toBe(0o700)
    expect(statSync(join(directory, 'history')).mode & 0o777).toBe(0o700)
    for (const name of readdirSync(directory)) {
      if (name !== 'history') expect([name, statSync(join(directory, name)).mode & 0o777]).toEqual([name, 0o600])
    }
  })

  it('shows what was committed before it was asked, also when somebody else is just looking', async () => {
    const directory = aDirectory()
    const writer = aStore(directory)
    await addKeypair(writer, 'a')
    const journal = join(directory, 'journal.0.jsonl')
    const early = readFileSync(journal)
    await addKeypair(writer, 'b')
    await writer.close()
    const whole = readFileSync(journal)
    writeFileSync(journal, early)
    const reader = aStore(directory)
    const first = reader.read(async ({ revision }) => revision)
    writeFileSync(journal, whole)
    const second = reader.read(async ({ revision }) => revision)
    expect(await Promise.all([first, second])).toEqual([expect.anything(), 2])
  })

  it('takes no lock and opens nothing for writing when it only reads', async () => {
    const directory = aDirectory()
    await addKeypair(aStore(directory), 'a')
    const readingFs: Fs = {
      ...systemFs,
      open: (path, flags, mode) => {
        expect(flags).toBe('r')
        return systemFs.open(path, flags, mode)
      },
      lock: () => Promise.reject(new Error('a reader locked')),
    }
    expect(await newest(directory, { fs: readingFs })).toMatchObject({ revision: 1 })
  })

  it('refuses writes when opened for reading only', async () => {
    const store = aStore(aDirectory(), { readOnly: true })
    await expect(addKeypair(store, 'a')).rejects.toMatchObject({ kind: 'forbidden' })
  })

  it('refuses a directory that others may write to, and says what to do', async () => {
    const directory = aDirectory()
    await addKeypair(aStore(directory), 'a')
    chmodSync(directory, 0o770)
    await expect(newest(directory)).rejects.toMatchObject({ kind: 'forbidden', hint: `chmod go-w ${directory}` })
    await expect(addKeypair(aStore(directory), 'b')).rejects.toMatchObject({ kind: 'forbidden' })
  })

  it('refuses the directory of another user; root may look', async () => {
    const directory = aDirectory()
    await addKeypair(aStore(directory), 'a')
    const owner = statSync(directory).uid
    const other = { uid: owner + 1 }
    await expect(newest(directory, other)).rejects.toMatchObject({
      kind: 'forbidden',
      message: `${directory} belongs to uid ${owner}, this process runs as uid ${owner + 1}`,
    })
    const foreignFs: Fs = { ...systemFs, stat: (path) => ({ ...systemFs.stat(path), uid: 4242 }) }
    expect(await newest(directory, { fs: foreignFs, uid: 0 })).toMatchObject({ revision: 1 })
    await expect(addKeypair(aStore(directory, { fs: foreignFs, uid: 0 }), 'b')).rejects.toMatchObject({ kind: 'forbidden' })
  })

  it('refuses symbolic links, for the directory and for files in it', async () => {
    const directory = aDirectory()
    await addKeypair(aStore(directory), 'a')
    const link = join(aDirectory(), 'link')
    symlinkSync(directory, link)
    await expect(newest(link)).rejects.toMatchObject({ kind: 'forbidden', message: `${link} is a symbolic link` })
    const planted = aDirectory()
    symlinkSync(join(directory, 'journal.0.jsonl'), join(planted, 'lock'))
    await expect(addKeypair(aStore(planted), 'b')).rejects.toMatchObject({ kind: 'forbidden' })
    expect(await newest(directory)).toMatchObject({ revision: 1 })
  })

  it('says in one line that a path is a file', async () => {
    const file = join(aDirectory(), 'file')
    writeFileSync(file, '')
    const problem = { kind: 'invalid', message: `${file} is not a directory` }
    await expect(newest(file)).rejects.toMatchObject(problem)
    await expect(addKeypair(aStore(file), 'a')).rejects.toMatchObject(problem)
    await expect(addKeypair(aStore(join(file, 'below')), 'a')).rejects.toMatchObject({ kind: 'invalid' })
  })

  it('says in one line that there is no permission', async () => {
    const refusing: Fs = {
      ...systemFs,
      stat: () => {
        throw Object.assign(new Error('EACCES: permission denied'), { code: 'EACCES' })
      },
    }
    await expect(newest('/srv/state', { fs: refusing })).rejects.toMatchObject({
      kind: 'forbidden',
      message: 'no permission for /srv/state',
    })
  })

  it('names who wrote and when in every journal line', async () => {
    const directory = aDirectory()
    await addKeypair(aStore(directory), 'a')
    const line = readFileSync(join(directory, 'journal.0.jsonl'), 'utf8').split('\n')[1] ?? ''
    const [json = '', crc] = line.split('\t')
    expect(JSON.parse(json)).toMatchObject({ rev: 1, ...author, records: [{ id: 'a', generation: 1 }] })
    expect(crc).toMatch(/^[0-9a-f]{8}$/)
  })
})
