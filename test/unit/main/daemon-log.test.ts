/** Following the daemon's log: no line is lost or told twice when the file is rotated, cut or made anew. */
import { appendFileSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { followDaemonLog, readDaemonLog } from '../../../src/main/daemon-log.ts'
import { rotatingFile } from '../../../src/system/log.ts'

let state: string
let file: string
beforeEach(() => {
  state = mkdtempSync(path.join(os.tmpdir(), 'nk-'))
  file = path.join(state, 'daemon.log')
})
afterEach(() => rmSync(state, { recursive: true, force: true }))

const never = new AbortController().signal
const onwards = (place: string, signal = never) => followDaemonLog(state, place, signal)

describe('a follower of the log', () => {
  it('gets what is written after the lines that it has', async () => {
    writeFileSync(file, 'one\ntwo\n')
    const { lines, next } = readDaemonLog(state, 1)
    expect(lines).toEqual(['two'])
    appendFileSync(file, 'three\nfour\n')
    expect((await onwards(next)).lines).toEqual(['three', 'four'])
  })

  it('waits for the end of a line, and for the file itself', async () => {
    const { next } = readDaemonLog(state, 10)
    const waiting = onwards(next)
    writeFileSync(file, 'on')
    appendFileSync(file, 'e\ntw')
    const first = await waiting
    expect(first.lines).toEqual(['one'])
    appendFileSync(file, 'o\n')
    expect((await onwards(first.next)).lines).toEqual(['two'])
  })

  it('loses no line when the file is rotated, once or several times', async () => {
    const log = rotatingFile(file, 40)
    log.write('line 0\n')
    const told = readDaemonLog(state, 10)
    const seen = [...told.lines]
    let { next } = told
    for (const upTo of [3, 20, 21, 39]) {
      for (let index = seen.length; index <= upTo; index++) log.write(`line ${index}\n`)
      while (seen.at(-1) !== `line ${upTo}`) {
        const part = await onwards(next)
        seen.push(...part.lines)
        next = part.next
      }
    }
    expect(seen).toEqual(Array.from({ length: 40 }, (_, index) => `line ${index}`))
  })

  it('begins anew with a file that was cut', async () => {
    writeFileSync(file, 'an old line\nanother\n')
    const { next } = readDaemonLog(state, 10)
    truncateSync(file, 0)
    appendFileSync(file, 'new\n')
    expect((await onwards(next)).lines).toEqual(['new'])
  })

  it('gives a line that is longer than a part in parts', async () => {
    writeFileSync(file, '')
    const { next } = readDaemonLog(state, 1)
    appendFileSync(file, `${'x'.repeat(1024 ** 2 + 5)}\n`)
    const first = await onwards(next)
    expect(first.lines.map((line) => line.length)).toEqual([1024 ** 2])
    expect((await onwards(first.next)).lines).toEqual(['xxxxx'])
  })

  it('ends with its signal', async () => {
    writeFileSync(file, 'one\n')
    const controller = new AbortController()
    const waiting = onwards(readDaemonLog(state, 1).next, controller.signal)
    controller.abort()
    await expect(waiting).rejects.toMatchObject({ kind: 'timeout' })
  })
})
