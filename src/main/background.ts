/** Work that outlives the command that began it: a process of its own that finishes what nobody owns. */
import { Fault } from '../core/fault.ts'

/** Starts `nova operation resume` over the state directory and does not wait for it. */
export async function resumeInBackground(stateDirectory: string): Promise<void> {
  const { spawn } = await import('node:child_process')
  const program = process.argv[1]
  if (program === undefined) throw new Fault('unsupported', 'this program cannot start itself again in the background')
  const env = { ...process.env, NOVA_STATE: stateDirectory }
  spawn(process.execPath, [...process.execArgv, program, 'operation', 'resume', '--quiet'], {
    detached: true,
    stdio: 'ignore',
    env,
  }).unref()
}
