/** The archive of files passes the contract, reads nothing torn, and names what is damaged. */
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { written } from '../../src/state/archive.ts'
import { jsonArchive } from '../../src/state/json/archive.ts'
import { systemFs } from '../../src/system/fs.ts'
import { archiveContract, aTree } from './archive-contract.ts'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'nk-'))
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

archiveContract('json', async () => {
  const open = () => jsonArchive(directory, systemFs)
  return { archive: open(), other: open(), close: async () => undefined }
})

describe('the archive of files', () => {
  const file = (name: string) => join(directory, 'archive', name)
  const open = () => jsonArchive(directory, systemFs)
  const add = (...ids: string[]) => {
    const archive = open()
    return archive.alone(() => archive.add(ids.map((id) => written(aTree(id)))))
  }

  it('is one compressed file of JSON lines that any tool reads', async () => {
    await add('a', 'b')
    await add('c')
    const lines = gunzipSync(readFileSync(file('0001.0.jsonl.gz')))
      .toString()
      .trimEnd()
      .split('\n')
    expect(lines.map((line) => JSON.parse(line).id)).toEqual(['a', 'b', 'c'])
  })

  it('cuts off what a killed writer left behind the last whole line', async () => {
    await add('a')
    appendFileSync(file('0001.0.jsonl.gz'), 'half a member')
    appendFileSync(file('0001.0.index'), '{"add":[1,')
    await add('b')
    expect(await open().get('a')).toEqual(aTree('a'))
    expect(await open().get('b')).toEqual(aTree('b'))
  })

  it('removes the rest of a rewriting that was killed', async () => {
    await add('a')
    for (const name of ['0001.1.jsonl.gz', '0001.1.index.new', '0002.0.jsonl.gz']) writeFileSync(file(name), 'rest')
    await add('b')
    expect(readdirSync(join(directory, 'archive')).toSorted()).toEqual(['0001.0.index', '0001.0.jsonl.gz', 'lock'])
  })

  it('names file and line of a damaged index, and the place of damaged data', async () => {
    await add('a')
    await add('b')
    const index = readFileSync(file('0001.0.index'), 'utf8')
    writeFileSync(file('0001.0.index'), index.replace('web a', 'web x'))
    await expect(open().get('b')).rejects.toMatchObject({ kind: 'internal', message: /0001\.0\.index line 1/ })
    writeFileSync(file('0001.0.index'), index)
    writeFileSync(file('0001.0.jsonl.gz'), readFileSync(file('0001.0.jsonl.gz')).fill(0, 20, 60))
    await expect(open().get('a')).rejects.toMatchObject({ kind: 'internal', message: /damaged at byte 0/ })
  })
})
