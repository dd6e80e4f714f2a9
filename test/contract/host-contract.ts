/** What every host keeps, real or scripted: files, commands that answer, and the faults that callers branch on. */
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { Duplex } from 'node:stream'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Host } from '../../src/hosts/host.ts'
import { eventually } from '../support/eventually.ts'

export interface HostUnderTest {
  readonly host: Host
  /** An empty directory of the host. */
  readonly directory: string
  /** A file of the controller with these bytes. */
  localFile(bytes: Uint8Array): Promise<string>
  cleanup(): Promise<void>
}

/** Declares the suite for one kind of host; `commands` and `uploads` leave out what it cannot have. */
export function hostContract(kind: string, make: () => Promise<HostUnderTest>, { commands = true, uploads = true } = {}) {
  describe(`${kind} as a host`, () => {
    let test: HostUnderTest
    beforeEach(async () => {
      test = await make()
    })
    afterEach(() => test.cleanup())
    filesOf(() => test)
    if (uploads) streamsOf(() => test)
    if (uploads) uploadsOf(() => test)
    if (commands) commandsOf(() => test)
  })
}

function streamsOf(test: () => HostUnderTest) {
  const bytesOf = async (stream: AsyncIterable<Uint8Array>) => {
    const chunks: Uint8Array[] = []
    for await (const chunk of stream) chunks.push(chunk)
    return Buffer.concat(chunks)
  }
  async function* inChunks(bytes: Uint8Array, size: number) {
    for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size)
  }

  it('streams a file whole, zeros and all, and says what arrived', async () => {
    const { host, directory } = test()
    const bytes = Buffer.alloc(3 * 1024 ** 2 + 5)
    bytes.write('in the middle', 1024 ** 2 + 7)
    const digest = await host.writeStream(`${directory}/disk`, inChunks(bytes, 300_000))
    expect(digest).toBe(createHash('sha256').update(bytes).digest('hex'))
    expect(await host.stat(`${directory}/disk`)).toMatchObject({ size: bytes.length })
    expect((await bytesOf(await host.openRead(`${directory}/disk`))).equals(bytes)).toBe(true)
  })

  it('keeps the older file when the stream breaks off, and leaves nothing beside it', async () => {
    const { host, directory } = test()
    await host.writeFile(`${directory}/disk`, 'older')
    async function* broken() {
      yield Buffer.from('newer')
      throw new Error('the source is gone')
    }
    await expect(host.writeStream(`${directory}/disk`, broken())).rejects.toThrow('the source is gone')
    expect(String(await host.readFile(`${directory}/disk`))).toBe('older')
    expect(await host.readdir(directory)).toEqual(['disk'])
  })

  it('cannot stream what is not there', async () => {
    const { host, directory } = test()
    const reading = async () => bytesOf(await host.openRead(`${directory}/none`))
    await expect(reading()).rejects.toThrow()
  })
}

function filesOf(test: () => HostUnderTest) {
  it('reads back what it wrote, over older content too', async () => {
    const { host, directory } = test()
    await host.writeFile(`${directory}/a`, 'a longer first text')
    await host.writeFile(`${directory}/a`, new Uint8Array([0, 255, 10]))
    expect(await host.readFile(`${directory}/a`)).toEqual(Buffer.from([0, 255, 10]))
    expect(await host.readdir(directory)).toEqual(['a'])
  })

  it('answers undefined for what is not there', async () => {
    const { host, directory } = test()
    expect(await host.readFile(`${directory}/none`)).toBeUndefined()
    expect(await host.stat(`${directory}/none/deeper`)).toBeUndefined()
  })

  it('says size and kind', async () => {
    const { host, directory } = test()
    await host.mkdir(`${directory}/x/y/z`)
    await host.mkdir(`${directory}/x/y/z`)
    await host.writeFile(`${directory}/x/y/file`, '12345')
    expect(await host.stat(`${directory}/x/y/file`)).toMatchObject({ size: 5, isDirectory: false })
    expect(await host.stat(`${directory}/x/y`)).toMatchObject({ isDirectory: true })
    expect(await host.readdir(`${directory}/x/y`)).toEqual(['file', 'z'])
  })

  it('limits what it reads and can read the end alone', async () => {
    const { host, directory } = test()
    await host.writeFile(`${directory}/log`, '0123456789')
    await expect(host.readFile(`${directory}/log`, { maxBytes: 9 })).rejects.toMatchObject({ kind: 'internal' })
    expect(String(await host.readFile(`${directory}/log`, { maxBytes: 10 }))).toBe('0123456789')
    expect(String(await host.readFile(`${directory}/log`, { maxBytes: 4, tail: true }))).toBe('6789')
  })

  it('removes files and trees, and what is gone already', async () => {
    const { host, directory } = test()
    await host.mkdir(`${directory}/tree/branch`)
    await host.writeFile(`${directory}/tree/branch/leaf`, 'x')
    await host.remove(`${directory}/tree`)
    await host.remove(`${directory}/tree`)
    expect(await host.stat(`${directory}/tree`)).toBeUndefined()
  })

  it('renames over an older file', async () => {
    const { host, directory } = test()
    await host.writeFile(`${directory}/new`, 'new')
    await host.writeFile(`${directory}/old`, 'old')
    await host.rename(`${directory}/new`, `${directory}/old`)
    expect(String(await host.readFile(`${directory}/old`))).toBe('new')
    expect(await host.stat(`${directory}/new`)).toBeUndefined()
  })

  it('names host and path when a directory is missing', async () => {
    const { host, directory } = test()
    const error = await host.writeFile(`${directory}/none/file`, 'x').catch((fault: unknown) => fault)
    expect(error).toMatchObject({ kind: 'internal', message: expect.stringContaining(`${directory}/none/file`) })
    expect(error).toMatchObject({ message: expect.stringContaining(`host ${host.name}`) })
    await expect(host.readdir(`${directory}/none`)).rejects.toMatchObject({ kind: 'internal' })
  })
}

function uploadsOf(test: () => HostUnderTest) {
  it('uploads a file, tells progress and resolves with its digest', async () => {
    const { host, directory, localFile } = test()
    const seen: number[] = []
    const digest = await host.upload(await localFile(Buffer.from('hello')), `${directory}/image`, (done) => seen.push(done))
    expect(digest).toBe('2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824')
    expect(String(await host.readFile(`${directory}/image`))).toBe('hello')
    expect(seen.at(-1)).toBe(5)
  })

  it('hands over who connects to a socket it listens on, in place of a stale one', async () => {
    const { host, directory } = test()
    const path = `${directory}/in.sock`
    await host.writeFile(path, 'stale')
    const stop = await host.listen(path, (connection) => connection.pipe(connection))
    expect(await Promise.all(['one', 'two'].map((text) => echoOf(host, path, text)))).toEqual(['one', 'two'])
    await stop()
    await expect(host.connect(path)).rejects.toMatchObject({ kind: 'unreachable' })
    expect(await host.stat(path)).toBeUndefined()
  })

  it('ends the connections of a socket that it no longer listens on', async () => {
    const { host, directory } = test()
    const stop = await host.listen(`${directory}/in.sock`, (connection) => connection.on('error', () => {}).resume())
    const connection = await host.connect(`${directory}/in.sock`)
    const closed = once(connection.resume(), 'end')
    await stop()
    await closed
    connection.destroy()
  })

  it('says unreachable when nobody listens on a socket', async () => {
    const { host, directory } = test()
    const answer = await host.connect(`${directory}/none.sock`).catch((fault: unknown) => fault)
    expect(answer).not.toBeInstanceOf(Duplex)
    expect(answer).toMatchObject({ kind: 'unreachable' })
  })
}

/** What comes back, when all that was sent has been. */
async function echoOf(host: Host, path: string, text: string): Promise<string> {
  const connection = await host.connect(path)
  connection.allowHalfOpen = true
  connection.end(text)
  const chunks: Buffer[] = await connection.toArray()
  connection.destroy()
  return Buffer.concat(chunks).toString()
}

function commandsOf(test: () => HostUnderTest) {
  it('hands every word over as it is', async () => {
    const words = ['', ' ', '$(id)', "it's", 'a\nb', '*', '~', '\\', '"', '-n', 'ünï', '`x`', ';', '&&']
    const { stdout } = await test().host.run(['printf', '%s\\0', ...words])
    expect(stdout.split('\0').slice(0, -1)).toEqual(words)
  })

  it('gives standard input and both outputs', async () => {
    const result = await test().host.run(['sh', '-c', 'cat; echo no >&2'], { stdin: 'text\0\n' })
    expect(result).toEqual({ stdout: 'text\0\n', stderr: 'no\n', exitCode: 0 })
  })

  it('faults with host, command, code and the end of stderr', async () => {
    const { host } = test()
    const fault = await host.run(['sh', '-c', 'echo first >&2; echo broken >&2; exit 3']).catch((error: unknown) => error)
    expect(fault).toMatchObject({ kind: 'internal', message: expect.stringMatching(/exited 3: first; broken$/) })
    expect(fault).toMatchObject({ message: expect.stringContaining(`host ${host.name}: sh -c`) })
  })

  it('takes other exit codes for answers when told', async () => {
    const { exitCode } = await test().host.run(['sh', '-c', 'exit 3'], { okExitCodes: [0, 3] })
    expect(exitCode).toBe(3)
  })

  it('says which package has a missing program', async () => {
    const fault = test().host.run(['qemu-system-i386-not-here'])
    await expect(fault).rejects.toMatchObject({ kind: 'unsupported', message: expect.stringMatching(/has no qemu-system/) })
  })

  it('kills the command and its children at the deadline', async () => {
    const { host, directory } = test()
    const script = 'sleep 60 & echo $! > "$1"; wait'
    const fault = host.run(['sh', '-c', script, 'sh', `${directory}/pid`], { deadlineMs: 1500 })
    await expect(fault).rejects.toMatchObject({ kind: 'timeout', message: expect.stringContaining('1.5 s') })
    const pid = String(await host.readFile(`${directory}/pid`)).trim()
    expect(pid).toMatch(/^\d+$/)
    await eventually('the end of the child', async () => {
      const state = await host.run(['sh', '-c', `cut -d' ' -f3 /proc/${pid}/stat 2>/dev/null || echo gone`])
      return ['gone', 'Z', 'X'].includes(state.stdout.trim())
    })
  })

  it('stops when the signal aborts', async () => {
    const controller = new AbortController()
    const run = test().host.run(['sleep', '60'], { signal: controller.signal })
    controller.abort()
    await expect(run).rejects.toMatchObject({ kind: 'timeout' })
  })

  it('limits what a command prints', async () => {
    const run = test().host.run(['sh', '-c', 'yes'], { maxOutput: 100_000 })
    await expect(run).rejects.toMatchObject({ kind: 'internal', message: expect.stringContaining('100000 bytes') })
  })

  it('refuses a word with a NUL', async () => {
    await expect(test().host.run(['echo', 'a\0b'])).rejects.toMatchObject({ kind: 'invalid' })
  })
}
