/** One daemon a state directory: a kernel lock that ends with its holder, and a file that says who holds it. */
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { Fault } from '../core/fault.ts'
import { systemFs } from '../system/fs.ts'
import { systemProcesses } from '../system/processes.ts'

export interface DaemonFacts {
  readonly pid: number
  readonly startTime: string
  readonly bootId: string
  /** ISO 8601. */
  readonly startedAt: string
  readonly version: string
  /** Started by something that looks after it, not by `nova daemon start`. */
  readonly inForeground?: boolean
}

export const socketOf = (stateDirectory: string) => `${stateDirectory}/nova.sock`
export const logFileOf = (stateDirectory: string) => `${stateDirectory}/daemon.log`
const factsFile = (stateDirectory: string) => `${stateDirectory}/daemon.json`

/** Takes the directory for this process. Fault `conflict` when another daemon has it. Resolves with the release. */
export async function takeDaemonLock(stateDirectory: string, facts: DaemonFacts): Promise<() => void> {
  mkdirSync(stateDirectory, { recursive: true, mode: 0o700 })
  const fd = systemFs.open(`${stateDirectory}/daemon.lock`, 'a')
  const release = await systemFs.lock(fd, 0).catch((error: unknown) => {
    systemFs.close(fd)
    if (!(error instanceof Fault) || error.kind !== 'timeout') throw error
    const other = readDaemonFacts(stateDirectory)
    const who = other ? `, process ${other.pid},` : ''
    throw new Fault('conflict', `another daemon${who} serves ${stateDirectory}`, { hint: 'nova daemon status' })
  })
  const file = factsFile(stateDirectory)
  writeFileSync(`${file}.tmp`, JSON.stringify(facts), { mode: 0o600 })
  renameSync(`${file}.tmp`, file)
  return () => {
    rmSync(file, { force: true })
    release()
  }
}

/** The daemon that is alive over this directory, or undefined. */
export function readDaemonFacts(stateDirectory: string): DaemonFacts | undefined {
  try {
    const facts = JSON.parse(readFileSync(factsFile(stateDirectory), 'utf8')) as DaemonFacts
    return systemProcesses.isAlive(facts) ? facts : undefined
  } catch {
    return undefined
  }
}
