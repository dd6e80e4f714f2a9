/** Connects nova-manage's words to the commands of nova, and their failures to Nova's exit codes. */
import { manage, manageFault } from './manage.ts'
import { type ErrorStyle, Interrupted, reportError } from './report-error.ts'
import type { Runtime } from './runtime.ts'

/** Runs the words behind `nova-manage` to an exit code; failures are reported here. `route` runs words of nova. */
export async function manageTool(
  argv: readonly string[],
  runtime: Runtime,
  style: ErrorStyle,
  route: (argv: readonly string[], runtime: Runtime) => Promise<number>,
): Promise<number> {
  const { screen } = runtime
  const report = (error: unknown, code: ErrorStyle['code']) => {
    if (error instanceof Interrupted) throw error
    return reportError(error, screen, { ...style, ...(code ? { code } : {}) })
  }
  try {
    return await manage(argv, screen, (line, { output, fault }) =>
      route(line, { ...runtime, exitCode: output }).catch((error: unknown) => report(error, fault)),
    )
  } catch (error) {
    return report(error, manageFault)
  }
}
