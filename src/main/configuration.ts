/** What is wrong with the files that an operator writes: settings and policy as they are on the disk now. */
import { asFault } from '../core/fault.ts'
import { readPolicy } from '../read-policy.ts'
import { readSettings } from '../read-settings.ts'
import { systemFs } from '../system/fs.ts'

/** One sentence a problem; none when a daemon would start. */
export async function checkConfiguration(stateDirectory: string): Promise<string[]> {
  const checks = [() => readSettings(systemFs, stateDirectory, process.env), () => readPolicy(systemFs, stateDirectory)]
  return checks.flatMap((check) => {
    try {
      check()
      return []
    } catch (error) {
      const { message, hint } = asFault(error)
      return [hint === undefined ? message : `${message} (${hint})`]
    }
  })
}
