/** The daemon seen from outside: started, stopped, asked, its log read. */
import { spawn } from 'node:child_process'
import { constants, openSync } from 'node:fs'
import { openSocketClient } from '../api/socket-client.ts'
import { Fault } from '../core/fault.ts'
import { systemClock as clock } from '../system/clock.ts'
import { type DaemonFacts, logFileOf, readDaemonFacts, socketOf } from './daemon-lock.ts'
import { readDaemonLog } from './daemon-log.ts'

const { O_APPEND, O_CREAT, O_NOFOLLOW, O_WRONLY } = constants
const pollMs = 20
const startMs = 60_000

/** Starts a daemon of its own session and resolves when it answers; a fault says what its log says. */
export async function startDaemon(stateDirectory: string): Promise<DaemonFacts> {
  const known = readDaemonFacts(stateDirectory)
  if (known) throw new Fault('conflict', `daemon ${known.pid} serves ${stateDirectory} already`, { hint: 'nova daemon status' })
  const program = process.argv[1]
  if (program === undefined) throw new Fault('unsupported', 'this program cannot start itself again')
  const log = logFileOf(stateDirectory)
  const { mkdirSync } = await import('node:fs')
  mkdirSync(stateDirectory, { recursive: true, mode: 0o700 })
  // What goes wrong before the log is open is in the log too.
  const out = openSync(log, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW, 0o600)
  const child = spawn(
    process.execPath,
    [...process.execArgv, program, 'daemon', 'run', '--log-file', '--state', stateDirectory],
    {
      detached: true,
      stdio: ['ignore', out, out],
    },
  )
  child.unref()
  const end = clock.monotonic() + startMs
  while (clock.monotonic() < end) {
    const facts = readDaemonFacts(stateDirectory)
    if (facts && (await askDaemon(stateDirectory, 'health').catch(() => undefined))) return facts
    if (child.exitCode !== null || child.signalCode !== null) break
    await clock.sleep(pollMs)
  }
  const [last = 'nothing'] = readDaemonLog(stateDirectory, 20)
    .lines.filter((line) => line.includes('error'))
    .slice(-1)
  throw new Fault('internal', `the daemon did not come up; its log says: ${last}`, { hint: 'nova daemon logs' })
}

/** Asks the daemon to drain and end, and waits for it; with `force` it is killed when it does not. */
export async function stopDaemon(stateDirectory: string, timeoutMs: number, force: boolean): Promise<DaemonFacts | undefined> {
  const facts = readDaemonFacts(stateDirectory)
  if (!facts) return undefined
  process.kill(facts.pid, 'SIGTERM')
  if (await isGone(stateDirectory, timeoutMs)) return facts
  if (!force)
    throw new Fault('timeout', `daemon ${facts.pid} is still draining after ${timeoutMs / 1000} s`, {
      hint: 'nova daemon stop --force',
    })
  process.kill(facts.pid, 'SIGKILL')
  await isGone(stateDirectory, timeoutMs)
  return facts
}

async function isGone(stateDirectory: string, ms: number): Promise<boolean> {
  const end = clock.monotonic() + ms
  while (clock.monotonic() < end) {
    if (!readDaemonFacts(stateDirectory)) return true
    await clock.sleep(pollMs)
  }
  return readDaemonFacts(stateDirectory) === undefined
}

/** Calls a method of the daemon; `unreachable` when there is none. */
export async function askDaemon(stateDirectory: string, method: string): Promise<unknown> {
  const client = await openSocketClient(socketOf(stateDirectory))
  if (!client) throw new Fault('unreachable', `no daemon serves ${stateDirectory}`, { hint: 'nova daemon start' })
  try {
    return await client.call(method, {})
  } finally {
    client.close()
  }
}
