/**
 * A kernel lock without native code: flock(1) locks the open file description that it inherits from us.
 * flock(1) then exits and the lock stays with our descriptor, until it is closed or this process dies.
 */
import { closeSync } from 'node:fs'
import { Fault } from '../core/fault.ts'

/** Locks `fd`; `timeout` fault after `timeoutMs`, `unsupported` without flock(1). The release closes `fd`. */
export async function lockFile(fd: number, timeoutMs: number): Promise<() => void> {
  const { spawn } = await import('node:child_process')
  const seconds = (Math.max(timeoutMs, 0) / 1000).toFixed(3)
  const code = await new Promise<number | null>((resolve, reject) => {
    const child = spawn('flock', ['-x', '-w', seconds, '3'], { stdio: ['ignore', 'ignore', 'ignore', fd] })
    child.once('error', (error) => reject(lockError(error)))
    child.once('exit', (exitCode) => resolve(exitCode))
  })
  if (code === 1) throw new Fault('timeout', `the lock was not free within ${timeoutMs} ms`)
  if (code !== 0) throw new Fault('internal', `flock ended with exit code ${code}`)
  return once(() => closeSync(fd))
}

function lockError(error: Error & { code?: string }): Fault {
  if (error.code !== 'ENOENT') return new Fault('internal', `flock could not be started: ${error.message}`, { cause: error })
  return new Fault('unsupported', 'the flock command is not installed', { hint: 'install util-linux', cause: error })
}

function once(action: () => void): () => void {
  let done = false
  return () => {
    if (!done) action()
    done = true
  }
}
