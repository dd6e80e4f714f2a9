/** A daemon of the built program in the foreground, and raw connections to its socket. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { type OpenClient, openSocketClient } from '../../src/api/socket-client.ts'
import { type CliResult, nova, spawnNova } from './cli.ts'
import { eventually } from './eventually.ts'

export interface Daemon {
  readonly state: string
  readonly socket: string
  readonly pid: number
  readonly ended: Promise<CliResult>
  client(): Promise<OpenClient>
  kill(signal?: NodeJS.Signals): void
}

/** A new state directory with fake hosts; short, since a socket's path must be. */
export async function aStateWithHosts(...hosts: readonly string[]): Promise<string> {
  const state = mkdtempSync(path.join(os.tmpdir(), 'nk-'))
  for (const host of hosts) {
    const { code, stderr } = await nova(['host', 'add', host, '--driver', 'fake'], { state, env: { NOVA_DAEMON: 'off' } })
    if (code !== 0) throw new Error(stderr)
  }
  return state
}

/** Starts a daemon and waits until it answers. */
export async function aDaemon(state: string, env: Readonly<Record<string, string>> = {}): Promise<Daemon> {
  const running = await spawnNova(['daemon', 'run'], { state, env, timeoutMs: 600_000 })
  const socket = path.join(state, 'nova.sock')
  let failure: CliResult | undefined
  void running.ended.then((result) => {
    failure = result
  })
  await eventually('the daemon answers', async () => {
    if (failure) throw new Error(`the daemon ended: ${failure.stderr}`)
    const client = await openSocketClient(socket)
    const answer = client?.call('ping', {}).catch(() => undefined)
    const isUp = (await answer) === 'pong'
    client?.close()
    return isUp
  })
  const client = async () => {
    const opened = await openSocketClient(socket)
    if (!opened) throw new Error(`nobody listens on ${socket}`)
    return opened
  }
  return { state, socket, pid: running.pid, ended: running.ended, client, kill: (signal = 'SIGKILL') => running.kill(signal) }
}

/** Tells a fake host to misbehave from now on. */
export function misbehave(state: string, host: string, faults: readonly object[]): void {
  const directory = path.join(state, 'instances', host)
  mkdirSync(directory, { recursive: true })
  writeFileSync(path.join(directory, 'faults.json'), JSON.stringify(faults))
}

export const removeState = (state: string) => rmSync(state, { recursive: true, force: true })

/** A connection that sends what it is told and keeps what it gets. */
export interface Raw {
  readonly socket: Socket
  send(text: string): void
  /** The next line, parsed. */
  next(): Promise<unknown>
  readonly closed: Promise<void>
}

export async function rawConnection(file: string): Promise<Raw> {
  const socket = connect(file)
  await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject))
  let text = ''
  socket.setEncoding('utf8')
  socket.on('data', (chunk) => {
    text += String(chunk)
  })
  socket.on('error', () => undefined)
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()))
  return {
    socket,
    closed,
    send: (message) => void socket.write(message),
    next: () =>
      eventually('a line', async () => {
        const end = text.indexOf('\n')
        if (end < 0) return undefined
        const line = text.slice(0, end)
        text = text.slice(end + 1)
        return JSON.parse(line)
      }),
  }
}
