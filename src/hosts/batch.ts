/** Several changes of a host in one round trip, where the host can do that; one after another where it cannot. */
import type { Host, Operation } from './host.ts'

/**
 * Runs `work` on a host whose changes are gathered and then done in order, up to the first that fails. Commands answer
 * `work` with success and no output before they ran: it must not depend on what they say. Reads see the host as it was.
 */
export async function inOneGo(host: Host, work: (host: Host) => Promise<void>): Promise<void> {
  if (!host.batch) return work(host)
  const operations: Operation[] = []
  await work(gathering(host, operations))
  if (operations.length > 0) await host.batch(operations)
}

function gathering(host: Host, operations: Operation[]): Host {
  const add = async (operation: Operation): Promise<void> => void operations.push(operation)
  return {
    ...host,
    run: async (argv, options = {}) => {
      if (options.effect === 'read') return host.run(argv, options)
      await add({ kind: 'run', argv, options })
      return { stdout: '', stderr: '', exitCode: 0 }
    },
    writeFile: (path, data, { mode = 0o600 } = {}) => add({ kind: 'write', path, bytes: Buffer.from(data), mode }),
    mkdir: (path) => add({ kind: 'mkdir', path }),
    remove: (path) => add({ kind: 'remove', path }),
    rename: (from, to) => add({ kind: 'rename', from, to }),
  }
}
