/** The entry of the binaries `nova`, `nova-manage` and `nova-status`, in development and in the release. */
import { dispatch } from './dispatch.ts'

/** The other tools of the same program, by the name that it was called by. */
const tools: ReadonlyMap<string | undefined, string> = new Map([
  ['nova-manage', 'manage'],
  ['nova-status', 'status'],
])

/** Runs the process's command line and sets its exit code. */
export async function run(): Promise<void> {
  const [, called, ...words] = process.argv
  const tool = tools.get(called?.split('/').at(-1))
  process.exitCode = await dispatch(tool === undefined ? words : [tool, ...words], process.env)
}
