/** The entry of the `nova` binary, in development and in the release. */
import { dispatch } from './dispatch.ts'

/** Runs the process's command line and sets its exit code. */
export async function run(): Promise<void> {
  process.exitCode = await dispatch(process.argv.slice(2), process.env)
}
